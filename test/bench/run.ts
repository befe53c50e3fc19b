// npm run bench -- NAME [--seconds N] [--entries N] [--grown N] [--only PART,…]: prints a readable table and, as its very last line, one JSON object.
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Bench, BenchContext } from './bench.js';
import { exchange } from './exchange/exchange.js';
import { ledger } from './ledger/ledger.js';
import { policy } from './policy/policy.js';

const BENCHES: Readonly<Record<string, Bench>> = { exchange, ledger, policy };
const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;

const ends: (() => Promise<unknown>)[] = [];
let ending: Promise<void> | undefined;
let interrupted = false;

function end(): Promise<void> {
  ending ??= (async () => {
    for (const one of ends.toReversed()) await one().catch((error: unknown) => console.error(error));
  })();
  return ending;
}

async function main(): Promise<number> {
  const given = readArguments();
  const bench = given === undefined ? undefined : BENCHES[given.name];
  if (given === undefined || bench === undefined) {
    console.error(`usage: npm run bench -- ${Object.keys(BENCHES).join('|')} [--seconds N]`);
    console.error('       npm run bench -- ledger [--seconds N] [--entries N] [--grown N] [--only PART,…]');
    return 2;
  }
  const { name, seconds, sizes, only } = given;
  const figures = await bench({
    seconds,
    sizes,
    only,
    root: path.resolve(import.meta.dirname, '..', '..', '..'),
    cleanUp: (one) => void ends.push(one),
    say: (line) => console.log(line),
  });
  await end();
  console.log(JSON.stringify({ bench: name, figures }));
  return 0;
}

type Given = { readonly name: string } & Pick<BenchContext, 'seconds' | 'sizes' | 'only'>;

function readArguments(): Given | undefined {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: {
        seconds: { type: 'string', default: '3' },
        entries: { type: 'string', default: '1000000' },
        grown: { type: 'string', default: '10000000' },
        only: { type: 'string', default: '' },
      },
    });
    const [name] = positionals;
    const [seconds, entries, grown] = [values.seconds, values.entries, values.grown].map(Number);
    if (name === undefined || positionals.length > 1) return undefined;
    if (seconds === undefined || !(seconds > 0 && seconds <= 60)) return undefined;
    if (entries === undefined || grown === undefined || !(entries >= 1 && grown >= 1)) return undefined;
    return { name, seconds, sizes: { entries, grown }, only: values.only.split(',').filter((part) => part !== '') };
  } catch {
    return undefined;
  }
}

for (const [signal, code] of Object.entries(SIGNALS)) {
  process.once(signal, () => {
    interrupted = true;
    void end().finally(() => process.exit(code));
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  // Whoever interrupted us knows why a server went away.
  if (!interrupted) console.error(error);
  process.exitCode = 1;
} finally {
  await end();
}
