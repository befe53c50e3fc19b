// npm run differential -- --cases N --seed S [--bundle I]: the evaluators on random bundles and situations.
import { parseArgs } from 'node:util';
import { byBitmaps, disagreement } from './evaluators.js';
import { FIELDS_OF_A_SITUATION, randomCases, SITUATIONS_OF_A_BUNDLE } from './random-cases.js';
import { smallVocabulary } from './random-policy.js';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '200000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    bundle: { type: 'string' },
  },
});
const [cases, seed] = [Number(values.cases), Number(values.seed)];
if (!Number.isSafeInteger(cases) || cases < 1 || !Number.isSafeInteger(seed))
  throw new Error('--cases and --seed are whole numbers');

const vocabulary = smallVocabulary();
const ofABundle = SITUATIONS_OF_A_BUNDLE * FIELDS_OF_A_SITUATION.length;
const from = values.bundle === undefined ? 0 : Number(values.bundle);
const to = values.bundle === undefined ? Math.ceil(cases / ofABundle) : from + 1;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

say(`seed ${seed}: naive, bitmaps and the reference on ${to - from} bundles, a case being one field in one situation`);
let compared = 0;
let released = 0;
let disagreements = 0;
for (let number = from; number < to; number += 1) {
  const { plain, bundle, situations } = randomCases(vocabulary, seed, number);
  const bitmaps = byBitmaps(bundle);
  for (const [at, situation] of situations.entries()) {
    const found = disagreement(plain, vocabulary, bundle, bitmaps, situation, FIELDS_OF_A_SITUATION);
    compared += FIELDS_OF_A_SITUATION.length;
    for (const { level } of bitmaps(situation, FIELDS_OF_A_SITUATION).fields.values()) if (level > 0) released += 1;
    if (found === undefined) continue;
    disagreements += 1;
    if (disagreements <= 5)
      say(`bundle ${number}, situation ${at}; again by --seed ${seed} --bundle ${number}\n${found}`);
  }
}
say(`${compared} cases, ${released} of them released, ${disagreements} disagreements`);
say(JSON.stringify({ differential: { cases: compared, released, disagreements, seed } }));
process.exitCode = disagreements === 0 ? 0 : 1;
