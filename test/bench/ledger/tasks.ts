import type { Contender } from './contenders/contender.js';
import { openOneTransaction } from './contenders/one-transaction.js';
import { openOurs } from './contenders/ours.js';
import { openPlainBatches, openPlainRows } from './contenders/plain.js';
import { drive, type Measured, type Order } from './drive.js';
import { fill, type FillOrder, type Filled } from './fill.js';
import { prove, type ProofOrder, type Proven } from './prove.js';
import { verify, type Verified, type VerifyOrder } from './verify.js';

export type Opening = { readonly url: string } & (
  | { readonly contender: 'one transaction' | 'plain batches' | 'plain rows' }
  | { readonly contender: 'ours'; readonly bodies: 'plain' | 'sealed'; readonly receipts: 'signed' | 'not signed' }
);

/** What a process of the benchmark can be asked to do; one thing at a time. */
export interface Tasks {
  open(opening: Opening): Promise<void>;
  run(order: Order): Promise<Measured>;
  close(): Promise<void>;
  fill(order: FillOrder): Promise<Filled>;
  prove(order: ProofOrder): Promise<Proven>;
  verify(order: VerifyOrder): Promise<Verified>;
}

export function tasks(): Tasks {
  let opened: Contender | undefined;
  return {
    async open(opening) {
      opened = await openContender(opening);
    },
    run(order) {
      if (opened === undefined) throw new Error('no contender is open');
      return drive(opened, order);
    },
    async close() {
      await opened?.close();
      opened = undefined;
    },
    fill,
    prove,
    verify,
  };
}

function openContender(opening: Opening): Contender | Promise<Contender> {
  switch (opening.contender) {
    case 'ours':
      return openOurs(opening);
    case 'one transaction':
      return openOneTransaction(opening.url);
    case 'plain batches':
      return openPlainBatches(opening.url);
    case 'plain rows':
      return openPlainRows(opening.url);
  }
}
