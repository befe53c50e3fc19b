import { type Fact, type Field, FULL, type Vocabulary } from '#terms';
import { CORE } from './bundle.js';
import { WORDS, type WordOf, wordsOf } from './grammar.js';
import { NONE, SUBJECT_ROLE } from './parse-conditions.js';
import { CONSENT_STATES } from './situation.js';
import { needsAShareOfItsOwn } from './select-fields.js';

/** A JSON Schema, draft 2020-12: what an editor completes and underlines while somebody writes. */
export type Schema = { readonly [keyword: string]: unknown };

type Shapes<Where extends keyof typeof WORDS> = { readonly [Word in WordOf<Where>]: Schema };

/**
 * The form of a regime, of rules and of cases, from the tables of words that the parser reads by. What the schema refuses,
 * `parseBundle` refuses too; what hangs together across lines (a name twice, a share in core) only `parseBundle` sees.
 *
 * @example JSON.stringify(policySchema(vocabulary))
 */
export function policySchema(vocabulary: Vocabulary): Schema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Policies of Postern',
    description: 'A regime, rules and promises, or cases. What each word means: LANGUAGE.md.',
    type: 'object',
    ...either({ required: ['regime'] }, ref('regime'), either(ofCases, ref('cases'), ref('rules'))),
    $defs: {
      ...wordsOfVocabulary(vocabulary),
      rules: rulesFile(),
      rule: rule(),
      promise: promise(),
      regime: regimeFile(),
      cases: casesFile(vocabulary),
      ...conditions(vocabulary),
    },
  };
}

const ofCases: Schema = { anyOf: [{ required: ['cases'] }, { required: ['people'] }] };

function either(condition: Schema, holds: Schema, otherwise: Schema): Schema {
  // oxlint-disable-next-line unicorn/no-thenable -- the schema's own word
  return { if: condition, then: holds, else: otherwise };
}

function ref(name: string): Schema {
  return { $ref: `#/$defs/${name}` };
}

/** A map of exactly these words, each described as the page does. */
function closed<Where extends keyof typeof WORDS>(
  where: Where,
  shapes: Shapes<Where>,
  required: readonly WordOf<Where>[] = [],
): Schema {
  const meanings: { readonly [word: string]: { readonly means: string } } = WORDS[where];
  return {
    type: 'object',
    additionalProperties: false,
    minProperties: 1,
    ...(required.length > 0 && { required }),
    properties: Object.fromEntries(
      wordsOf(where).map((word) => [word, { description: meanings[word]?.means, ...shapes[word] }]),
    ),
  };
}

const sentence: Schema = { type: 'string', minLength: 1, maxLength: 500 };
const yes: Schema = { const: 'yes' };
const name: Schema = { type: 'string', pattern: '^[a-z][a-z0-9]*(-[a-z0-9]+)*$', maxLength: 60 };

/** One of it, or a list of several. */
function oneOrMore(one: Schema): Schema {
  return { anyOf: [one, { type: 'array', items: one, minItems: 1 }] };
}

function list(one: Schema): Schema {
  return { type: 'array', items: one, minItems: 1 };
}

function wordsOfVocabulary(vocabulary: Vocabulary): Schema {
  const fields = [...vocabulary.fields.values()];
  const oneGroup = { type: 'string', pattern: '^\\s*everything\\s+except\\s+\\S' };
  const groups = [
    'everything',
    ...[...vocabulary.tags.keys()].map((tag) => `everything tagged ${tag}`),
    ...vocabulary.categories.keys(),
  ];
  return {
    field: { enum: fields.map((field) => field.name) },
    selection: { anyOf: [{ enum: [...groups, ...fields.map((field) => field.name)] }, oneGroup] },
    'levels shared': levels(vocabulary, (field) => field.scale.slice(1), 'as a share'),
    'levels allowed': levels(vocabulary, (field) => field.scale.slice(1, FULL(field)), 'as a limit'),
    purpose: { enum: [...vocabulary.purposes.keys()] },
    purposes: oneOrMore(ref('purpose')),
    duty: { enum: [...vocabulary.duties.keys()] },
    'consent states': oneOrMore({ enum: CONSENT_STATES }),
  };
}

/** For each field or group, the levels that every field in it has. */
function levels(
  { fields, categories, tags }: Vocabulary,
  of: (field: Field) => readonly string[],
  reach: 'as a share' | 'as a limit',
): Schema {
  const all = [...fields.values()];
  const inGroups = all.filter((field) => reach === 'as a limit' || !needsAShareOfItsOwn(field));
  const shared = (group: readonly Field[]): readonly string[] => {
    const [first, ...others] = group;
    return first === undefined ? [] : of(first).filter((level) => others.every((field) => of(field).includes(level)));
  };
  const named: [string, readonly string[]][] = [
    ...all.map((field): [string, readonly string[]] => [field.name, of(field)]),
    ...[...categories.keys()].map((category): [string, readonly string[]] => [
      category,
      shared(inGroups.filter((field) => field.category === category)),
    ]),
    ...[...tags.keys()].map((tag): [string, readonly string[]] => [
      `everything tagged ${tag}`,
      shared(inGroups.filter((field) => field.tags.includes(tag))),
    ]),
    ['everything', shared(inGroups)],
  ];
  return {
    type: 'object',
    minProperties: 1,
    additionalProperties: false,
    properties: Object.fromEntries(
      named.filter(([, valid]) => valid.length > 0).map(([word, valid]) => [word, { enum: valid }]),
    ),
    patternProperties: { '^\\s*everything\\s+except\\s+\\S': { type: 'string' } },
  };
}

function rulesFile(): Schema {
  return closed('a file of rules', { rules: list(ref('rule')), promises: list(ref('promise')) });
}

const conditionShapes = {
  with: ref('with'),
  'for purpose': ref('purposes'),
  when: ref('when'),
  'when any': list(ref('alternative')),
  unless: list(ref('alternative')),
} as const;

function rule(): Schema {
  const levelled = oneOrMore({ anyOf: [ref('selection'), ref('levels shared')] });
  const shape = closed(
    'a rule',
    {
      rule: name,
      title: sentence,
      source: sentence,
      checked: checked(),
      share: levelled,
      'at most': oneOrMore(ref('levels allowed')),
      withhold: oneOrMore(ref('selection')),
      ...conditionShapes,
      'last resort': yes,
      'names sender': yes,
      'tell upon': oneOrMore(ref('field')),
      duties: oneOrMore(ref('duty')),
      say: sentence,
      alert: yes,
    },
    ['rule'],
  );
  const ofAShareOnly = ['last resort', 'names sender', 'tell upon'];
  return {
    ...shape,
    oneOf: [
      { required: ['share'] },
      ...['at most', 'withhold'].map((effect) => ({
        required: [effect],
        properties: Object.fromEntries(ofAShareOnly.map((word) => [word, false])),
      })),
    ],
    dependentRequired: { 'tell upon': ['with', 'for purpose'] },
  };
}

function checked(): Schema {
  const date = { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$' };
  const shape = closed('`checked`', { by: sentence, on: date }, ['by']);
  return {
    ...shape,
    oneOf: [
      { properties: { by: { const: 'nobody yet' }, on: false } },
      { required: ['on'], properties: { by: { not: { const: 'nobody yet' } } } },
    ],
  };
}

function promise(): Schema {
  const shape = closed(
    'a promise',
    {
      promise: sentence,
      'never share': oneOrMore(ref('selection')),
      'always share': oneOrMore({ anyOf: [ref('selection'), ref('levels shared')] }),
      regime: name,
      ...conditionShapes,
      'last resort': yes,
    },
    ['promise'],
  );
  return {
    ...shape,
    oneOf: [
      { required: ['never share'], properties: { 'always share': false, regime: false } },
      { required: ['always share', 'regime'], properties: { 'never share': false, 'last resort': false } },
    ],
  };
}

function regimeFile(): Schema {
  const governs = closed(
    '`governs`',
    { origins: { enum: ['enrolled here', 'every agency'] }, fields: oneOrMore(ref('selection')), under: ref('under') },
    ['origins', 'fields'],
  );
  const treated = closed(
    '`treated as`',
    {
      subject_role: ref('subject role'),
      'for purpose': { anyOf: [{ const: 'everything else' }, ref('purposes')] },
      as: ref('subject role'),
    },
    ['subject_role', 'for purpose', 'as'],
  );
  const shape = closed(
    'a regime',
    { regime: name, title: sentence, governs: list(governs), 'treated as': list(treated) },
    ['regime', 'title'],
  );
  return {
    ...shape,
    ...either(
      { properties: { regime: { const: CORE } } },
      { properties: { governs: false, 'treated as': false } },
      { required: ['governs'] },
    ),
  };
}

function conditions({ facts }: Vocabulary): Schema {
  const all = [...facts.values()].filter((fact) => !fact.perField);
  const map = (some: readonly Fact[], more: { readonly [word: string]: Schema } = {}): Schema => ({
    type: 'object',
    minProperties: 1,
    additionalProperties: false,
    properties: {
      ...Object.fromEntries(some.map((fact) => [fact.name, { description: fact.title, ...oneOrMore(asked(fact)) }])),
      ...more,
    },
  });
  const consent = { description: WORDS.conditions.consent.means, ...ref('consent states') };
  const purpose = { description: WORDS.conditions.purpose.means, ...ref('purposes') };
  return {
    with: map(all.filter((fact) => fact.ofAsker)),
    under: map(all),
    when: map(all, { consent }),
    alternative: map(all, { consent, purpose }),
    'subject role': { enum: facts.get(SUBJECT_ROLE)?.values ?? [] },
  };
}

/** A word that a rule may ask of a fact. */
function asked(fact: Fact): Schema {
  const words = [...fact.values, ...bands(fact), ...(fact.kind === 'any of' ? [NONE] : [])];
  return { enum: ['unknown', ...new Set(words.flatMap((word) => [word, `known ${word}`]))] };
}

/** `under 16`, `16 and over`, `13 to 17`: every stretch between two thresholds. */
function bands({ thresholds = [] }: Fact): readonly string[] {
  return thresholds.flatMap((threshold, index) => [
    `under ${threshold}`,
    `${threshold} and over`,
    ...thresholds.slice(index + 1).map((next) => `${threshold} to ${next - 1}`),
  ]);
}

function casesFile(vocabulary: Vocabulary): Schema {
  const given = givenMap(vocabulary);
  const one = closed(
    'a case',
    { case: sentence, given, expect: expected(vocabulary), 'everything else': { type: 'string' } },
    ['case', 'given', 'expect'],
  );
  const { 'everything else': _, ...properties } = one.properties as Schema;
  const scalar = { type: ['string', 'number'] };
  const cell = { anyOf: [scalar, { type: 'array', items: scalar }, { type: 'object' }] };
  const table = closed(
    'a table',
    { table: sentence, given, columns: list({ type: 'string' }), rows: list(list(cell)) },
    ['table', 'columns', 'rows'],
  );
  return closed(
    'a file of cases',
    {
      people: {
        type: 'object',
        additionalProperties: { ...given, properties: { ...(given.properties as Schema), like: false } },
      },
      cases: list(either({ required: ['table'] }, table, { ...one, properties })),
    },
    ['cases'],
  );
}

function givenMap({ facts, fields, categories, purposes }: Vocabulary): Schema & { readonly properties: unknown } {
  const regimes = oneOrMore(name);
  const said = { type: 'string', pattern: `^(${CONSENT_STATES.join('|')}|agreed to \\w+)$` };
  const shape = closed('`given`', {
    like: { type: 'string' },
    purpose: { enum: [...purposes.keys()] },
    origins: regimes,
    travelled: { type: 'object', propertyNames: fieldsOrGroups(fields, categories), additionalProperties: regimes },
    consent: {
      anyOf: [said, { type: 'object', propertyNames: fieldsOrGroups(fields, categories), additionalProperties: said }],
    },
  });
  const stated = [...facts.values()].filter((fact) => !fact.perField).map((fact) => [fact.name, stateable(fact)]);
  return { ...shape, properties: { ...(shape.properties as Schema), ...(Object.fromEntries(stated) as Schema) } };
}

/** A word that a case may give a fact; of a banded one also the number. */
function stateable(fact: Fact): Schema {
  const words = { enum: [...fact.values, 'unknown', ...(fact.kind === 'any of' ? [NONE] : [])] };
  if (fact.kind === 'any of') return { description: fact.title, ...oneOrMore(words) };
  if (fact.thresholds === undefined) return { description: fact.title, ...words };
  return { description: fact.title, anyOf: [words, { type: 'integer', minimum: 0 }] };
}

function expected({ fields, categories, duties }: Vocabulary): Schema {
  const some = (one: Schema): Schema => ({ anyOf: [{ const: NONE }, oneOrMore(one)] });
  const yesOrNo = { enum: ['yes', 'no'] };
  const besides = closed('`expect`', {
    duties: some({ enum: [...duties.keys()] }),
    'duties of': {
      type: 'object',
      propertyNames: fieldsOrGroups(fields, categories),
      additionalProperties: some({ enum: [...duties.keys()] }),
    },
    say: some(sentence),
    alert: yesOrNo,
    'last resort': yesOrNo,
    'tell upon': some(fieldsOrGroups(fields, categories)),
  });
  return {
    type: 'object',
    required: ['everything else'],
    propertyNames: {
      anyOf: [{ enum: ['everything else', ...wordsOf('`expect`')] }, fieldsOrGroups(fields, categories)],
    },
    properties: {
      ...Object.fromEntries([...fields.values()].map((field) => [field.name, { enum: field.scale }])),
      ...(besides.properties as Schema),
    },
    additionalProperties: { type: 'string' },
  };
}

function fieldsOrGroups(fields: Vocabulary['fields'], categories: Vocabulary['categories']): Schema {
  return { anyOf: [{ enum: [...fields.keys(), ...categories.keys()] }, { type: 'string', pattern: '^everything' }] };
}
