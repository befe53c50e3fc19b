// npm run bench -- NAME [--seconds N]: prints a readable table and, as its very last line, one JSON object.
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Bench } from './bench.js';
import { exchange } from './exchange/exchange.js';
import { policy } from './policy/policy.js';

const BENCHES: Readonly<Record<string, Bench>> = { exchange, policy };
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
  const { name, seconds } = readArguments();
  const bench = name === undefined ? undefined : BENCHES[name];
  if (name === undefined || bench === undefined || !(seconds > 0 && seconds <= 60)) {
    console.error(`usage: npm run bench -- ${Object.keys(BENCHES).join('|')} [--seconds N]`);
    return 2;
  }
  const figures = await bench({
    seconds,
    root: path.resolve(import.meta.dirname, '..', '..', '..'),
    cleanUp: (one) => void ends.push(one),
    say: (line) => console.log(line),
  });
  await end();
  console.log(JSON.stringify({ bench: name, figures }));
  return 0;
}

function readArguments(): { readonly name: string | undefined; readonly seconds: number } {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: { seconds: { type: 'string', default: '3' } },
    });
    return { name: positionals.length === 1 ? positionals[0] : undefined, seconds: Number(values.seconds) };
  } catch {
    return { name: undefined, seconds: 0 };
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
