// node gateway-process.mjs CHECKOUT: the gateway as it is built, in a process that a test may kill. Its starter tells it
// what to run on, and it ends with its starter.
import { createPrivateKey } from 'node:crypto';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [root] = process.argv.slice(2);
const load = (file) => import(pathToFileURL(path.join(root, file)).href);
const { prepare } = await load('apps/sandbox/bootstrap/run.mjs');
await prepare(root);
const { startGateway } = await load('dist/apps/gateway/src/start-gateway.js');

process.once('message', (orders) => void obey(orders));

async function obey({ ledger, ...orders }) {
  try {
    const gateway = await startGateway({
      ...orders,
      ledger: { origin: ledger.origin, key: createPrivateKey(ledger.key) },
      log: (line) => void process.stderr.write(line),
    });
    process.once('SIGTERM', () => void gateway.close().then(() => process.exit(0)));
    process.send({ port: gateway.port });
  } catch (error) {
    process.send({ why: String(error) });
  }
}

process.once('disconnect', () => process.exit(0));
process.send({ ready: true });
