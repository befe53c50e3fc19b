import { createPrivateKey } from 'node:crypto';
import { LIMITS, type GatewayConfig } from '../../../apps/gateway/src/config.js';
import { startGateway } from '../../../apps/gateway/src/start-gateway.js';

/** What of the gateway's configuration one process can tell another. */
export type GatewayOrders = Omit<GatewayConfig, 'ledger' | 'masterKey' | 'limits' | 'log'> & {
  readonly ledger: { readonly origin: string; readonly key: string };
  readonly masterKey: string;
};

/** The gateway as it is in production, in a process of its own, told what to do by the benchmark. */
async function start(orders: GatewayOrders): Promise<void> {
  const gateway = await startGateway({
    ...orders,
    ledger: { origin: orders.ledger.origin, key: createPrivateKey(orders.ledger.key) },
    masterKey: Buffer.from(orders.masterKey, 'base64'),
    limits: LIMITS,
    log: (line) => process.stderr.write(line),
  });
  process.once('SIGTERM', () => void gateway.close().then(() => process.exit(0)));
  process.send?.({ port: gateway.port });
}

process.once('message', (orders) => void start(orders as GatewayOrders));
