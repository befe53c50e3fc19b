import * as fc from 'fast-check';
import type { PolicyFile } from '../../src/bundle.js';
import { written } from '../plain-policy.js';
import { randomBundle, smallVocabulary } from '../random-policy.js';
import { shippedFiles, shippedVocabularyText } from '../shipped-policies.js';
import { Draw } from './draw.js';
import { mutateText } from './mutate-text.js';
import { mutateTree } from './mutate-tree.js';
import { nastyPage } from './nasty-texts.js';
import { SMALL_VOCABULARY } from './small-vocabulary.js';

/** What somebody hands in, and how much of what can be done with it is done. */
export interface Input {
  readonly kind: Kind;
  /** Left out where it is the shipped one. */
  readonly vocabulary?: string;
  readonly files: readonly PolicyFile[];
  /** Situations as typed. */
  readonly given: readonly string[];
  /** Whether it is also proved, compared and covered, which takes longer. */
  readonly thorough: boolean;
}

const KINDS = {
  /** A situation, for the shipped packs. */
  situation: 450,
  /** A few rules, cases or a regime of the shipped packs, changed. */
  policy: 450,
  /** A bundle made by the grammar, perhaps changed. */
  grammar: 40,
  /** A small vocabulary, changed, and rules written in it. */
  vocabulary: 50,
  /** Nothing but a page that is meant to cost. */
  page: 9,
  /** The shipped packs whole, one file or the vocabulary changed. */
  whole: 1,
} as const;
export type Kind = keyof typeof KINDS;
const WEIGHTED = Object.entries(KINDS) as [Kind, number][];
const ALL_WEIGHTS = WEIGHTED.reduce((sum, [, weight]) => sum + weight, 0);

export const shipped = shippedFiles();
const situations = shipped
  .filter(({ path }) => path.endsWith('.cases.yaml'))
  .flatMap(({ text }) => [...text.matchAll(/given: (\{[^\n]*?\})(?:,| *$)/gm)].map(([, given = '']) => given))
  .map((given) => given.replace(/like: \w+,? ?/, 'purpose: treatment, origins: us-health, ').replace(/, \}$/, '}'));
const AROUND: readonly PolicyFile[] = [
  { path: 'core/regime.yaml', text: 'regime: core\ntitle: Safety\n' },
  {
    path: 'us-health/regime.yaml',
    text: 'regime: us-health\ntitle: Health\ngoverns:\n- {origins: enrolled here, fields: everything}\n',
  },
];

/** The input of this number under this seed. */
export function drawInput(seed: number, run: number): Input {
  const draw = new Draw(seed, run);
  const kind = drawKind(draw);
  const given = [drawSituation(draw), drawSituation(draw)];
  const thorough = draw.chance(0.02);
  switch (kind) {
    case 'situation':
      return { kind, files: shipped, given, thorough: false };
    case 'policy':
      return { kind, files: drawFiles(draw), given, thorough };
    case 'grammar': {
      const files = drawGrammar(draw).map((file) => (draw.chance(0.3) ? changed(draw, file) : file));
      return { kind, files, given, thorough };
    }
    case 'vocabulary': {
      const file = changed(draw, { path: 'vocabulary.yaml', text: SMALL_VOCABULARY }, 2);
      return { kind, vocabulary: file.text, files: [...AROUND, SMALL_RULES], given, thorough };
    }
    case 'page': {
      const text = nastyPage(draw);
      const path = draw.one(['us-health/a.yaml', 'us-health/regime.yaml', 'us-health/a.cases.yaml', 'core/a.yaml']);
      const files = [...AROUND.filter((file) => file.path !== path), { path, text }];
      return draw.chance(0.3)
        ? { kind, vocabulary: text, files: AROUND, given: [text], thorough: false }
        : { kind, files, given: [text], thorough: false };
    }
    case 'whole':
      return draw.chance(0.3)
        ? {
            kind,
            vocabulary: changed(draw, { path: '', text: shippedVocabularyText() }).text,
            files: shipped,
            given,
            thorough,
          }
        : { kind, files: withOne(draw, shipped), given, thorough: false };
    default:
      return kind satisfies never;
  }
}

function drawKind(draw: Draw): Kind {
  let left = draw.below(ALL_WEIGHTS);
  for (const [kind, weight] of WEIGHTED) if ((left -= weight) < 0) return kind;
  return 'policy';
}

const SMALL_RULES: PolicyFile = {
  path: 'us-health/a.yaml',
  text: `rules:
- {rule: a, share: [identity, {person.birth_date: year}], when: {consent: agreed, risk: high}, unless: [{age: under 18}]}
- {rule: b, withhold: [everything tagged whereabouts], when: {tie: his_employer}, unless: [{sector: police}]}
promises:
- {promise: p, never share: everything, with: {sector: employer}}
`,
};

function drawSituation(draw: Draw): string {
  let text = draw.one(situations);
  for (let times = draw.below(4); times > 0; times -= 1)
    text = draw.chance(0.2)
      ? mutateTree(draw, text, draw.one(situations))
      : mutateText(draw, text, draw.one(situations));
  return text;
}

/** A few items of one shipped file, with the regime that it needs around it. */
function drawFiles(draw: Draw): readonly PolicyFile[] {
  const file = draw.one(shipped);
  const folder = file.path.split('/', 1)[0] ?? '';
  const around = [
    ...AROUND.filter(({ path }) => path.startsWith('core/')),
    ...shipped.filter(({ path }) => path === `${folder}/regime.yaml`),
  ].filter(({ path }) => path !== file.path);
  const few = { path: file.path, text: someItems(draw, file.text) };
  const made = draw.chance(0.15) ? few : changed(draw, few);
  const files = [
    ...around,
    draw.chance(0.01) ? { path: mutateText(draw, file.path, file.path), text: made.text } : made,
  ];
  return draw.chance(0.1) ? files.map((one) => (draw.chance(0.3) ? changed(draw, one) : one)) : files;
}

/** The head of a file, and some of its items: what begins with `- ` at the margin. */
function someItems(draw: Draw, text: string): string {
  const [head = '', ...items] = text.split(/^(?=- )/m);
  return items.length === 0 ? text : head + draw.some(items, 4).join('');
}

function changed(draw: Draw, { path, text }: PolicyFile, most = 4): PolicyFile {
  let now = text;
  const other = draw.one(shipped).text;
  for (let times = 1 + draw.below(most); times > 0; times -= 1)
    now = draw.chance(0.25) ? mutateTree(draw, now, other) : mutateText(draw, now, other);
  return { path, text: draw.chance(0.003) ? now + nastyPage(draw) : now };
}

function withOne(draw: Draw, files: readonly PolicyFile[]): readonly PolicyFile[] {
  const at = draw.below(files.length);
  return files.map((file, index) => (index === at ? changed(draw, file) : file));
}

const grammar = randomBundle(smallVocabulary());

function drawGrammar(draw: Draw): readonly PolicyFile[] {
  const [plain] = fc.sample(grammar, { seed: draw.below(2 ** 31), numRuns: 1 });
  return plain === undefined ? [] : written(plain);
}
