// npm run differential -- --cases N --seed S [--cedar N] [--bundle I]: the evaluators on random bundles and situations.
import { parseArgs } from 'node:util';
import { boundarySituations, randomFrom } from './boundary-points.js';
import { byCedar } from './cedar.js';
import { byBitmaps, byDiagrams, diagramsOf, disagreement } from './evaluators.js';
import { FIELDS_OF_A_SITUATION, randomCases, SITUATIONS_OF_A_BUNDLE } from './random-cases.js';
import { smallVocabulary } from './random-policy.js';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '200000' },
    cedar: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    bundle: { type: 'string' },
  },
});
const [cases, seed] = [Number(values.cases), Number(values.seed)];
const cedarCases = values.cedar === undefined ? Math.ceil(cases / 50) : Number(values.cedar);
if (!Number.isSafeInteger(cases) || cases < 1 || !Number.isSafeInteger(seed) || !Number.isSafeInteger(cedarCases))
  throw new Error('--cases, --cedar and --seed are whole numbers');

const vocabulary = smallVocabulary();
const ofASituation = FIELDS_OF_A_SITUATION.length;
const ofABundle = SITUATIONS_OF_A_BUNDLE * ofASituation;
const from = values.bundle === undefined ? 0 : Number(values.bundle);
const to = values.bundle === undefined ? Math.ceil(cases / ofABundle) : from + 1;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

say(`seed ${seed}: naive, bitmaps, diagrams, Cedar and the reference on ${to - from} bundles;`);
say('a case is one field in one situation, half of them at an edge where something just leaves');
let compared = 0;
let byTheCedar = 0;
let released = 0;
let atTheEdge = 0;
let disagreements = 0;
for (let number = from; number < to; number += 1) {
  const { plain, bundle, situations } = randomCases(vocabulary, seed, number);
  const bitmaps = byBitmaps(bundle);
  const outcomes = diagramsOf(bundle);
  const diagrams = byDiagrams(outcomes);
  const cedar = byTheCedar < cedarCases || values.bundle !== undefined ? byCedar(bundle) : undefined;
  // The same share of every bundle's situations, so that Cedar meets as many bundles as there are.
  const ofCedar = cedarCases / ofASituation / (to - from);
  // More than half, since some bundles have no edge at all.
  const edges = boundarySituations(
    outcomes,
    situations,
    Math.floor(SITUATIONS_OF_A_BUNDLE * 0.6),
    randomFrom(seed * 31 + number),
  );
  const drawn = [...edges, ...situations.slice(0, SITUATIONS_OF_A_BUNDLE - edges.length)];
  for (const [at, situation] of drawn.entries()) {
    const isForCedar =
      cedar !== undefined &&
      (values.bundle !== undefined || isTurn((number - from) * drawn.length + at, ofCedar / drawn.length));
    const found = disagreement(plain, vocabulary, bundle, bitmaps, situation, FIELDS_OF_A_SITUATION, {
      diagrams,
      ...(isForCedar && { Cedar: cedar }),
    });
    compared += ofASituation;
    if (isForCedar) byTheCedar += ofASituation;
    if (at < edges.length) atTheEdge += ofASituation;
    for (const { level } of bitmaps(situation, FIELDS_OF_A_SITUATION).fields.values()) if (level > 0) released += 1;
    if (found === undefined) continue;
    disagreements += 1;
    if (disagreements <= 5)
      say(`bundle ${number}, situation ${at}; again by --seed ${seed} --bundle ${number}\n${found}`);
  }
}
say(
  `${compared} cases, ${atTheEdge} of them at an edge, ${byTheCedar} by Cedar too, ${released} released, ${disagreements} disagreements`,
);
say(JSON.stringify({ differential: { cases: compared, atTheEdge, cedar: byTheCedar, released, disagreements, seed } }));
process.exitCode = disagreements === 0 ? 0 : 1;

/** Whether the one at this place is among a share of all, spread evenly. */
function isTurn(at: number, share: number): boolean {
  return Math.floor((at + 1) * share) > Math.floor(at * share);
}
