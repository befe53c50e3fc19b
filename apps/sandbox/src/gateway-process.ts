// One of several gateways on one ledger, in a process that may be killed without taking the sandbox along. It is told by
// its starter what to run on, writes its log to standard output, and ends with its starter.
import { createPrivateKey } from 'node:crypto';
import { startGateway } from '../../gateway/src/start-gateway.js';
import type { FromReplica, ReplicaOrders } from './start-replica.js';

const say = (message: FromReplica): void => void process.send?.(message);

process.once('message', (orders: ReplicaOrders) => void obey(orders));
process.once('disconnect', () => process.exit(0));
// Ctrl-C is for the starter, who ends everything in its order.
process.on('SIGINT', () => undefined);

async function obey({ ledger, ...config }: ReplicaOrders): Promise<void> {
  try {
    const gateway = await startGateway({
      ...config,
      ledger: { ...ledger, key: createPrivateKey(ledger.key) },
      log: (line) => void process.stdout.write(line),
    });
    process.once('SIGTERM', () => void gateway.close().then(() => process.exit(0)));
    say({ listening: true });
  } catch (error) {
    say({ why: error instanceof Error ? error.message : 'it did not say why' });
  }
}

say({ ready: true });
