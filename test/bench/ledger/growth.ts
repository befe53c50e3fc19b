import { Client } from 'pg';
import { ratiosOf, type Spread } from '../figures.js';
import type { Child } from './child.js';
import { checkpoint, copyLog, createLog, type Database, openLog } from './databases.js';
import { type Result, runWindow, type Site } from './site.js';

const ROUNDS = 5;
const SMALL = 10_000;
const STEPS = 10;
/** Of one window; counted and not timed, so that the small log stays small. */
const ENTRIES = 20_000;
const PRODUCERS = 128;
const PROOFS = 200;

const SEED = 'bench_small_seed';

/** The same appends and the same proofs on a log of 10,000 entries and on one of many, in turn. */
export async function growth(site: Site, many: number): Promise<Readonly<Record<string, Spread>>> {
  const { server, say } = site;
  const child = await site.startChild();
  const seed = await createLog(server, SEED);
  await child.ask('fill', { url: seed.gateway, upTo: SMALL, entries: 'fillers' });
  await settle(seed.owner);
  await seed.close();
  say(`Filling a log with ${many} fillers …`);
  const large = await createLog(server, 'bench_large');
  for (let step = 1; step <= STEPS; step += 1) {
    const upTo = Math.round((many * step) / STEPS);
    const { size, seconds } = await child.ask('fill', { url: large.gateway, upTo, entries: 'fillers' });
    say(`  ${size} entries, the last ${(many / STEPS / seconds).toFixed(0)}/s`);
  }
  await settle(large.owner);
  await large.close();

  const rounds: { readonly small: Grown; readonly large: Grown }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const small = await copyLog(server, SEED, 'bench_small');
    const grown = await openLog(server, 'bench_large');
    const both: { small?: Grown; large?: Grown } = {};
    for (const which of round % 2 === 0 ? (['small', 'large'] as const) : (['large', 'small'] as const))
      both[which] = await measure(site, child, which === 'small' ? small : grown);
    await Promise.all([small.close(), grown.close()]);
    if (both.small === undefined || both.large === undefined) throw new Error('both were measured');
    rounds.push({ small: both.small, large: both.large });
    say(`  round ${round + 1}  small: ${told(both.small)}   large: ${told(both.large)}`);
  }
  await child.stop();
  const ratio = (of: (grown: Grown) => number): Spread =>
    ratiosOf(
      rounds.map((each) => of(each.large)),
      rounds.map((each) => of(each.small)),
    );
  return {
    // Time an entry: how many times as long it takes.
    growth_append: ratio(({ append }) => 1 / append.perSecond),
    growth_proof: ratio(({ proof }) => proof),
    growth_append_cpu: ratio(({ append }) => append.nodeCpu + append.databaseCpu),
  };
}

interface Grown {
  readonly append: Result;
  /** Milliseconds, the median. */
  readonly proof: number;
}

async function measure({ server }: Site, child: Child, database: Database): Promise<Grown> {
  const { gateway: url } = database;
  const proof = await child.ask('prove', { url, count: PROOFS });
  await child.ask('open', { contender: 'ours', url, bodies: 'plain', receipts: 'not signed' });
  const loaded = [{ child, database }];
  // New connections plan anew, and that costs the same on both.
  await runWindow(server, loaded, { producers: PRODUCERS, until: { entries: ENTRIES / 10 } });
  await checkpoint(server);
  const append = await runWindow(server, loaded, { producers: PRODUCERS, until: { entries: ENTRIES } });
  await child.ask('close');
  return { append, proof: proof.p50 };
}

/** What autovacuum does sooner or later is done now. */
async function settle(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query('VACUUM (ANALYZE) ledger.entry, ledger.tile, ledger.head');
  await client.end();
}

function told({ append, proof }: Grown): string {
  return `${append.perSecond.toFixed(0)} entries/s, proof ${proof.toFixed(2)} ms`;
}
