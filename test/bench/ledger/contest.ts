import { type Spread } from '../figures.js';
import { checkpoint, createLog, createPlain, type Database } from './databases.js';
import { Rounds } from './rounds.js';
import { type Loaded, type Result, runWindow, type Site } from './site.js';
import type { Opening } from './tasks.js';

const ROUNDS = 3;
const PRODUCERS = [1, 16, 128, 512] as const;
const WARM_UP = { producers: 128, until: { seconds: 1 } } as const;

const OURS = 'ours';
const SEALED = 'ours, sealed bodies';
const SIGNED = 'ours, signed receipts';
const WHOLE = 'ours, sealed and signed';
const ONE_TX = 'one transaction an entry';
const BATCHES = 'plain batches';
const ROWS = 'plain rows';

/** Without an address: that of the contender's own database. */
type Entrant = { readonly kind: 'log' | 'plain'; readonly producers: readonly number[] } & {
  readonly opens: (url: string) => Opening;
};

const ours =
  (bodies: 'plain' | 'sealed', receipts: 'signed' | 'not signed') =>
  (url: string): Opening => ({ contender: 'ours', url, bodies, receipts });

const ENTRANTS: Readonly<Record<string, Entrant>> = {
  [OURS]: { kind: 'log', producers: PRODUCERS, opens: ours('plain', 'not signed') },
  [ONE_TX]: { kind: 'log', producers: PRODUCERS, opens: (url) => ({ contender: 'one transaction', url }) },
  [BATCHES]: { kind: 'plain', producers: PRODUCERS, opens: (url) => ({ contender: 'plain batches', url }) },
  [ROWS]: { kind: 'plain', producers: PRODUCERS, opens: (url) => ({ contender: 'plain rows', url }) },
  [SEALED]: { kind: 'log', producers: [128, 512], opens: ours('sealed', 'not signed') },
  [SIGNED]: { kind: 'log', producers: [128, 512], opens: ours('plain', 'signed') },
  [WHOLE]: { kind: 'log', producers: [128, 512], opens: ours('sealed', 'signed') },
};

export interface Contest {
  readonly rows: readonly { readonly name: string; readonly producers: number; readonly results: readonly Result[] }[];
  readonly ratios: Readonly<Record<string, Spread>>;
}

/** Everybody at every number of producers, in turn, each on a database of its own. */
export async function contest(site: Site): Promise<Contest> {
  const { server, say, seconds } = site;
  say('Opening the contenders, each in a process and on a database of its own, and warming them up …');
  const loaded = new Map<string, Loaded>();
  for (const [i, [name, entrant]] of Object.entries(ENTRANTS).entries()) {
    const each = await open(site, entrant, `bench_contest_${i}`);
    await runWindow(server, [each], WARM_UP);
    loaded.set(name, each);
  }
  await checkpoint(server);
  const windows = new Map<string, () => Promise<Result>>();
  for (const producers of PRODUCERS)
    for (const [name, each] of loaded)
      if (ENTRANTS[name]?.producers.includes(producers))
        windows.set(windowOf(name, producers), () => runWindow(server, [each], { producers, until: { seconds } }));
  const rounds = await Rounds.run(ROUNDS, windows, say);
  for (const { child } of loaded.values()) await child.stop();

  const ratio = (name: string, other: string, producers: number, of?: (result: Result) => number): Spread =>
    rounds.ratio(windowOf(name, producers), windowOf(other, producers), of);
  return {
    rows: PRODUCERS.flatMap((producers) =>
      Object.keys(ENTRANTS).map((name) => ({ name, producers, results: rounds.of(windowOf(name, producers)) })),
    ).filter(({ results }) => results.length > 0),
    ratios: {
      vs_one_tx_128: ratio(OURS, ONE_TX, 128),
      vs_one_tx_512: ratio(OURS, ONE_TX, 512),
      vs_plain_batch_512: ratio(OURS, BATCHES, 512),
      vs_single_row_128: ratio(OURS, ROWS, 128),
      p99_vs_one_tx_128: ratio(OURS, ONE_TX, 128, ({ p99 }) => p99),
      vs_plain_batch_512_sealed: ratio(SEALED, BATCHES, 512),
      vs_plain_batch_512_with_receipts: ratio(SIGNED, BATCHES, 512),
      vs_plain_batch_512_sealed_with_receipts: ratio(WHOLE, BATCHES, 512),
      vs_single_row_128_sealed_with_receipts: ratio(WHOLE, ROWS, 128),
      vs_one_tx_128_sealed_with_receipts: ratio(WHOLE, ONE_TX, 128),
      vs_plain_batch_128: ratio(OURS, BATCHES, 128),
    },
  };
}

async function open({ server, startChild, cleanUp }: Site, entrant: Entrant, name: string): Promise<Loaded> {
  const database: Database = await (entrant.kind === 'log' ? createLog : createPlain)(server, name);
  cleanUp(() => database.close());
  const child = await startChild();
  const opening = entrant.opens(database.gateway);
  // Who takes the head's lock by hand needs more than a gateway may do.
  if (opening.contender === 'one transaction') {
    await child.ask('open', { contender: 'ours', url: database.gateway, bodies: 'plain', receipts: 'not signed' });
    await child.ask('close');
    await child.ask('open', { ...opening, url: database.owner });
  } else await child.ask('open', opening);
  return { child, database };
}

function windowOf(name: string, producers: number): string {
  return `${String(producers).padStart(3)} producers, ${name}`;
}
