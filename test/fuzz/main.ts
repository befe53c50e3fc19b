// npm run fuzz -- ROOM [--runs N] [--seed S] [--run R]: hostile input at every door of one room.
import { OPTIONS, readArguments, type Wanted } from './read-arguments.js';

interface Fuzzed {
  /** What goes in, and what counts as a fault. */
  readonly ABOUT: string;
  /** How many faults there were. */
  readonly fuzz: (wanted: Wanted) => Promise<number>;
}

/** Each room brings its own. */
export const ROOMS: Readonly<Record<string, () => Promise<Fuzzed>>> = {
  policy: () => import('../../libs/policy/test/fuzz/main.js'),
  ledger: () => import('../../libs/ledger/test/fuzz/main.js'),
};

async function main(args: readonly string[]): Promise<number> {
  const [room = ''] = args;
  const begin = Object.hasOwn(ROOMS, room) ? ROOMS[room] : undefined;
  const usage = `usage: npm run fuzz -- ${begin ? room : Object.keys(ROOMS).join('|')} [--runs N] [--seed S] [--run R]\n`;
  const wanted = readArguments(args);
  if (begin === undefined || wanted === undefined) {
    process.stderr.write(usage);
    return 2;
  }
  const { ABOUT, fuzz } = await begin();
  if (wanted === 'help') {
    process.stdout.write(`${usage}\n${ABOUT}${OPTIONS}`);
    return 0;
  }
  process.stdout.write(`seed ${wanted.seed}\n`);
  return (await fuzz(wanted)) === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
