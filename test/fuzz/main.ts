// npm run fuzz -- ROOM …: hostile input at every door of one room. Each room brings its own, and reads the other words.
export const ROOMS: Readonly<Record<string, () => Promise<unknown>>> = {
  policy: () => import('../../libs/policy/test/fuzz/main.js'),
  ledger: () => import('../../libs/ledger/test/fuzz/main.js'),
};

const [room = ''] = process.argv.slice(2);
const begin = Object.hasOwn(ROOMS, room) ? ROOMS[room] : undefined;
if (begin === undefined) {
  process.stderr.write(`usage: npm run fuzz -- ${Object.keys(ROOMS).join('|')} [--runs N] [--seed S] [--run R]\n`);
  process.exitCode = 2;
} else {
  await begin();
}
