import { type Bundle, type ConsentOfField, parseBundle, type PolicyFile, type Situation } from '#policy';
import {
  type FactName,
  type FieldName,
  interned,
  type Level,
  NOTHING,
  parseVocabulary,
  type Purpose,
  type RegimeName,
  type Vocabulary,
} from '#terms';
import { Draw } from './draw.js';

/** A question as a gateway would hold it before any engine's own form of it. */
export interface Asked {
  readonly agency: string;
  readonly sector: string;
  readonly role: string;
  readonly purpose: string;
  readonly risk: string;
  readonly minor: string;
  readonly flags: readonly string[];
  /** What she said, category by category. */
  readonly consent: ReadonlyMap<string, ConsentOfField>;
}

export interface Workload {
  readonly bundle: Bundle;
  /** The same rules without what others cannot say: levels, exceptions, alternatives, duties, wording, the last resort. */
  readonly plain: Bundle;
  readonly fields: readonly FieldName[];
  readonly questions: readonly Asked[];
}

const CATEGORIES = names('category', 10);
const AGENCIES = names('agency', 24);
const SECTORS = names('sector', 8);
const ROLES = names('role', 6);
const PURPOSES = names('purpose', 10);
const FLAGS = names('flag', 4);
const DUTIES = names('duty', 8);
const RISKS = ['standard', 'medium', 'high'];
const SCALES = ['text', 'text', 'date', 'place'];
const SITUATIONS = 256;
const REGIME = 'regime' as RegimeName;

function names(what: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => interned(`${what}_${at}`));
}

/** As many rules, drawn from a seed: the same ones whenever they are asked for. */
export function workload(rules: number, seed: number): Workload {
  const vocabulary = parseVocabulary(vocabularyText(), 'vocabulary.yaml');
  const draw = new Draw(seed);
  const drawn = drawRules(rules, vocabulary, draw);
  const questions = Array.from({ length: SITUATIONS }, () => question(draw));
  return {
    bundle: parseBundle(policyFiles(drawn), vocabulary),
    plain: parseBundle(policyFiles({ shared: drawn.shared.map(plainly), core: drawn.core.map(plainly) }), vocabulary),
    fields: [...vocabulary.fields.keys()],
    questions,
  };
}

/** The same rules after an officer's edit: one of them written anew, and one struck out. */
export function edited(rules: number, seed: number, edit: number): Bundle {
  const vocabulary = parseVocabulary(vocabularyText(), 'vocabulary.yaml');
  const { shared, core } = drawRules(rules, vocabulary, new Draw(seed));
  const at = edit % (shared.length - 1);
  const anew = { rule: shared[at]?.rule, ...share(vocabulary, new Draw(edit)) };
  return parseBundle(
    policyFiles({ shared: [...shared.slice(0, at), anew, ...shared.slice(at + 2)], core }),
    vocabulary,
  );
}

function numbered(words: readonly string[]): object {
  return Object.fromEntries(words.map((word, at) => [word, { number: at + 1, title: word }]));
}

function flag(number: number): object {
  const mostProtective = ['yes', 'unknown', 'no'];
  const common = { title: 'a flag', kind: 'yes/no', 'set by': 'case', 'if nobody has said': 'unknown' };
  return { number, ...common, 'most protective first': mostProtective };
}

function ofTheAsker(number: number, values: unknown): object {
  return { number, title: 'a fact', kind: 'one of', values, 'set by': 'enrolment', of: 'asker' };
}

function vocabularyText(): string {
  const fields = CATEGORIES.flatMap((category, group) =>
    SCALES.map((level, at) => [
      `record.field_${group * SCALES.length + at}`,
      { number: group * SCALES.length + at + 1, title: 'a field', category, about: 'survivor', level },
    ]),
  );
  return JSON.stringify({
    categories: Object.fromEntries(CATEGORIES.map((word, at) => [word, { code: `C${at}`, title: word }])),
    levels: {
      text: ['nothing', 'full'],
      date: ['nothing', 'band', 'year', 'full'],
      place: ['nothing', 'region', 'city', 'full'],
    },
    tags: { identifying: { title: 'a tag' } },
    purposes: numbered(PURPOSES),
    sectors: numbered(SECTORS),
    roles: numbered(ROLES),
    duties: numbered(DUTIES),
    facts: {
      sector: ofTheAsker(1, 'every sector'),
      role: ofTheAsker(2, 'every role'),
      agency: ofTheAsker(3, AGENCIES),
      consent: {
        number: 4,
        title: 'consent',
        kind: 'one of',
        values: ['refused', 'withdrawn', 'inert', 'expired', 'not_asked', 'agreed'],
        per: 'field',
        'set by': 'consent',
        'if nobody has said': 'not_asked',
      },
      risk: { number: 5, title: 'risk', kind: 'ordered', values: RISKS, 'set by': 'case' },
      minor: flag(6),
      ...Object.fromEntries(FLAGS.map((name, at) => [name, flag(7 + at)])),
    },
    records: { record: { title: 'a record' } },
    fields: Object.fromEntries(fields),
  });
}

interface DrawnRules {
  readonly shared: readonly DrawnRule[];
  readonly core: readonly DrawnRule[];
}
type DrawnRule = Readonly<Record<string, unknown>>;

/** About 80 % shares and 20 % limits, half of these in core; 60 % of shares ask for her consent. */
function drawRules(count: number, vocabulary: Vocabulary, draw: Draw): DrawnRules {
  const shared: DrawnRule[] = [];
  const core: DrawnRule[] = [];
  for (let at = 0; at < count; at += 1) {
    const isShare = draw.chance(0.8);
    const rule = { rule: `r${at}`, ...(isShare ? share(vocabulary, draw) : limit(vocabulary, draw)) };
    (isShare || draw.chance(0.5) ? shared : core).push(rule);
  }
  return { shared, core };
}

function plainly({ rule, share: shared, withhold, ...more }: DrawnRule): DrawnRule {
  const fields = (Array.isArray(shared) ? (shared as readonly unknown[]) : []).map((each) =>
    typeof each === 'string' ? each : Object.keys(each as object)[0],
  );
  const cut = withhold ?? Object.keys((more['at most'] as object | undefined) ?? {});
  const { with: asker, 'for purpose': purposes, when } = more;
  return {
    rule,
    ...(shared === undefined ? { withhold: cut } : { share: fields }),
    with: asker,
    'for purpose': purposes,
    ...(when !== undefined && { when }),
  };
}

function policyFiles({ shared, core }: DrawnRules): readonly PolicyFile[] {
  const governs = [{ origins: 'enrolled here', fields: 'everything' }];
  return [
    { path: 'core/regime.yaml', text: JSON.stringify({ regime: 'core', title: 'Core' }) },
    { path: `${REGIME}/regime.yaml`, text: JSON.stringify({ regime: REGIME, title: 'A regime', governs }) },
    ...inFiles('core', core),
    ...inFiles(REGIME, shared),
  ];
}

function inFiles(folder: string, rules: readonly object[]): readonly PolicyFile[] {
  const files: PolicyFile[] = [];
  for (let from = 0; from < rules.length; from += 200)
    files.push({
      path: `${folder}/rules-${from}.yaml`,
      text: JSON.stringify({ rules: rules.slice(from, from + 200) }),
    });
  return files;
}

function share(vocabulary: Vocabulary, draw: Draw): object {
  return {
    share: draw.chance(0.6)
      ? [draw.one(CATEGORIES)]
      : draw.some(fieldNames(vocabulary), 6).map((name) => atLevel(vocabulary, name, draw)),
    ...conditions(draw, draw.chance(0.6) ? { consent: 'agreed' } : {}),
    ...(draw.chance(0.1) && { 'when any': [flagsAndRisk(draw), { purpose: draw.one(PURPOSES) }] }),
    ...(draw.chance(0.2) && { unless: [flagsAndRisk(draw)] }),
    ...(draw.chance(0.5) && { duties: draw.some(DUTIES, 2) }),
    ...(draw.chance(0.1) && { say: 'She agreed to this.' }),
    ...(draw.chance(0.03) && { 'last resort': 'yes' }),
  };
}

function limit(vocabulary: Vocabulary, draw: Draw): object {
  const cuttable = fieldNames(vocabulary).filter((name) => (vocabulary.fields.get(name)?.scale.length ?? 0) > 2);
  const name = draw.one(cuttable);
  const scale = vocabulary.fields.get(name)?.scale ?? [];
  const effect = draw.chance(0.5)
    ? { 'at most': { [name]: draw.one(scale.slice(1, -1)) } }
    : { withhold: draw.chance(0.5) ? [draw.one(CATEGORIES)] : draw.some(fieldNames(vocabulary), 4) };
  return {
    ...effect,
    ...conditions(draw, {}),
    ...(draw.chance(0.4) && { unless: [{ ...flagsAndRisk(draw), ...(draw.chance(0.5) && { consent: 'agreed' }) }] }),
    ...(draw.chance(0.3) && { duties: draw.some(DUTIES, 1) }),
  };
}

function conditions(draw: Draw, needed: object): object {
  const asker = {
    sector: draw.some(SECTORS, 3),
    role: draw.some(ROLES, 2),
    ...(draw.chance(0.15) && { agency: draw.some(AGENCIES, 4) }),
  };
  const when = { ...needed, ...(draw.chance(0.4) && flagsAndRisk(draw)) };
  return {
    with: asker,
    'for purpose': draw.some(PURPOSES, 3),
    ...(Object.keys(when).length > 0 && { when }),
  };
}

function flagsAndRisk(draw: Draw): object {
  const kind = draw.below(3);
  if (kind === 0) return { risk: draw.some(RISKS, 2) };
  return kind === 1 ? { minor: draw.one(['yes', 'no']) } : { [draw.one(FLAGS)]: draw.one(['yes', 'no']) };
}

function atLevel(vocabulary: Vocabulary, name: FieldName, draw: Draw): unknown {
  const levels = vocabulary.fields.get(name)?.scale.slice(1) ?? [];
  return levels.length === 1 ? name : { [name]: draw.one(levels) };
}

function fieldNames({ fields }: Vocabulary): readonly FieldName[] {
  return [...fields.keys()];
}

function question(draw: Draw): Asked {
  const consent = new Map<string, ConsentOfField>();
  for (const category of CATEGORIES)
    if (draw.chance(0.5)) consent.set(category, { state: 'agreed', level: (1 + draw.below(3)) as Level });
    else if (draw.chance(0.3)) consent.set(category, { state: 'refused', level: NOTHING });
  return {
    agency: draw.one(AGENCIES),
    sector: draw.one(SECTORS),
    role: draw.one(ROLES),
    purpose: draw.one(PURPOSES),
    risk: draw.one([...RISKS, 'unknown']),
    minor: draw.one(['yes', 'no', 'unknown']),
    flags: FLAGS.map(() => draw.one(['yes', 'no', 'no', 'unknown'])),
    consent,
  };
}

const ORIGINS: ReadonlySet<RegimeName> = new Set([REGIME]);
const NOTHING_TRAVELLED: Situation['travelled'] = new Map();
const [SECTOR, ROLE, AGENCY, RISK, MINOR] = ['sector', 'role', 'agency', 'risk', 'minor'] as FactName[] as [
  FactName,
  FactName,
  FactName,
  FactName,
  FactName,
];
const FLAG_NAMES = FLAGS as readonly FactName[];

/** Our own form of a question, read where it lies: what she said comes category by category, and is asked field by field. */
export function situationFrom(asked: Asked, categoryOf: ReadonlyMap<FieldName, string>): Situation {
  return {
    origins: ORIGINS,
    travelled: NOTHING_TRAVELLED,
    purpose: asked.purpose as Purpose,
    facts: new FactsOfQuestion(asked),
    consent: new ConsentByCategory(asked.consent, categoryOf),
  };
}

/** A map that is read where its values lie. Only what does not ask for one value after the other makes it whole. */
abstract class ReadInPlace<Key, Value> implements ReadonlyMap<Key, Value> {
  abstract get(key: Key): Value | undefined;
  protected abstract every(): Iterable<Key>;

  get size(): number {
    return this.whole().size;
  }

  has(key: Key): boolean {
    return this.get(key) !== undefined;
  }

  keys(): MapIterator<Key> {
    return this.whole().keys();
  }

  values(): MapIterator<Value> {
    return this.whole().values();
  }

  entries(): MapIterator<[Key, Value]> {
    return this.whole().entries();
  }

  [Symbol.iterator](): MapIterator<[Key, Value]> {
    return this.entries();
  }

  forEach(each: (value: Value, key: Key, all: ReadonlyMap<Key, Value>) => void): void {
    for (const [key, value] of this.whole()) each(value, key, this);
  }

  private whole(): Map<Key, Value> {
    const all = new Map<Key, Value>();
    for (const key of this.every()) {
      const value = this.get(key);
      if (value !== undefined) all.set(key, value);
    }
    return all;
  }
}

class FactsOfQuestion extends ReadInPlace<FactName, string> {
  private readonly asked: Asked;

  constructor(asked: Asked) {
    super();
    this.asked = asked;
  }

  get(fact: FactName): string | undefined {
    const { asked } = this;
    if (fact === SECTOR) return asked.sector;
    if (fact === ROLE) return asked.role;
    if (fact === AGENCY) return asked.agency;
    if (fact === RISK) return asked.risk;
    if (fact === MINOR) return asked.minor;
    const place = FLAG_NAMES.indexOf(fact);
    return place < 0 ? undefined : asked.flags[place];
  }

  protected every(): Iterable<FactName> {
    return [SECTOR, ROLE, AGENCY, RISK, MINOR, ...FLAG_NAMES];
  }
}

class ConsentByCategory extends ReadInPlace<FieldName, ConsentOfField> {
  private readonly said: ReadonlyMap<string, ConsentOfField>;
  private readonly categoryOf: ReadonlyMap<FieldName, string>;

  constructor(said: ReadonlyMap<string, ConsentOfField>, categoryOf: ReadonlyMap<FieldName, string>) {
    super();
    this.said = said;
    this.categoryOf = categoryOf;
  }

  get(field: FieldName): ConsentOfField | undefined {
    const category = this.categoryOf.get(field);
    return category === undefined ? undefined : this.said.get(category);
  }

  protected every(): Iterable<FieldName> {
    return this.categoryOf.keys();
  }
}

export function categories({ vocabulary }: Bundle): ReadonlyMap<FieldName, string> {
  return new Map([...vocabulary.fields.values()].map(({ name, category }) => [name, category]));
}
