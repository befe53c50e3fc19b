import { createHash } from 'node:crypto';
import { bandsBetween } from './band.js';
import { inWords, type Problem, TermsError } from './error.js';
import type { DutyCode, FactName, FieldName, Purpose, Role, Sector } from './ids.js';
import { shortened } from './shortened.js';
import { type Entries, MOST_PROBLEMS, TooManyProblems, TreeReader } from './tree-reader.js';
import {
  type About,
  type Fact,
  type FactKind,
  type FactValue,
  type Field,
  UNKNOWN,
  type Vocabulary,
} from './vocabulary.js';
import { type MapNode, readYamlTree, type TreeNode } from './yaml-tree.js';

const SECTIONS = [
  'categories',
  'levels',
  'tags',
  'purposes',
  'sectors',
  'roles',
  'duties',
  'facts',
  'records',
  'fields',
] as const;
type Section = (typeof SECTIONS)[number];

const ABOUT: readonly [About, ...About[]] = ['survivor', 'perpetrator', 'child', 'case'];
const KINDS: readonly [FactKind, ...FactKind[]] = ['one of', 'any of', 'ordered', 'yes/no'];
const UNITS = ['years', 'days', 'count'] as const;
/** Besides the roles, and besides `<role> of another agency`. */
const SETTERS = ['enrolment', 'case', 'question', 'consent', 'a person at the discloser'];
const NEEDS = ['reason'];
const LEAST = 'nothing';
const MOST = 'full';
const FIELD_SPELLING = /^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$/;
const MOST_LISTED = 20;
/** Each level of a field, and each word of a fact, is worked out apart wherever something is proved. */
const MOST_LEVELS = 20;
const MOST_VALUES = 100;
/** What stands beside facts where a situation is written: a fact of that name could never be told. */
const NO_FACTS = ['purpose', 'origins', 'travelled', 'like'];

/**
 * Reads `policies/vocabulary.yaml`. Whatever is wrong with it, all of it is said at once, each with file, line, column
 * and, for a misspelling, the word probably meant; nothing is guessed and nothing wrong is left out silently.
 *
 * @example
 * const vocabulary = parseVocabulary(readFileSync('policies/vocabulary.yaml', 'utf8'), 'vocabulary.yaml');
 * vocabulary.fields.get('person.birth_date' as FieldName)?.scale; // ['nothing', 'age_band', 'year', 'full']
 *
 * @throws TermsError VOCABULARY_INVALID
 */
export function parseVocabulary(text: string, path: string): Vocabulary {
  const { tree, problems } = readYamlTree(text, path);
  const reader = new TreeReader(path);
  reader.problems.push(...problems);
  // What does not read as a tree is mended first: going on would only name its consequences.
  if (tree === undefined || problems.length > 0) throw invalid(reader.problems);
  try {
    const vocabulary = new VocabularyReader(reader, tree).read(text);
    if (reader.problems.length === 0) return vocabulary;
  } catch (error) {
    if (!(error instanceof TooManyProblems)) throw error;
  }
  throw invalid(reader.problems);
}

function invalid(problems: readonly Problem[]): TermsError {
  const found = problems.toSorted((a, b) => a.line - b.line || a.column - b.column).slice(0, MOST_PROBLEMS);
  const listed = found.slice(0, MOST_LISTED).map(inWords);
  if (problems.length > MOST_LISTED)
    listed.push(`and ${problems.length >= MOST_PROBLEMS ? 'at least ' : ''}${problems.length - MOST_LISTED} more`);
  return new TermsError('VOCABULARY_INVALID', listed.join('\n'), found);
}

type Numbered<Name> = ReadonlyMap<Name, { readonly number: number; readonly title: string }>;

class VocabularyReader {
  private readonly reader: TreeReader;
  private readonly top: Entries;

  constructor(reader: TreeReader, tree: TreeNode) {
    this.reader = reader;
    this.top = reader.entries(tree, 'the vocabulary', SECTIONS);
  }

  read(text: string): Vocabulary {
    const categories = this.categories();
    const scales = this.scales();
    const tags = this.titled('tags');
    const records = this.titled('records');
    this.refuseSharedSpelling(records);
    const sectors = this.numbered<Sector>('sectors');
    const roles = this.numbered<Role>('roles');
    return {
      digest: createHash('sha256').update(text, 'utf8').digest('hex'),
      categories,
      scales,
      tags,
      records,
      purposes: this.numbered<Purpose>('purposes'),
      sectors,
      roles,
      duties: this.numbered<DutyCode>('duties'),
      facts: this.facts([...sectors.keys()], [...roles.keys()]),
      fields: this.fields({ categories, scales, tags, records }),
    };
  }

  private section(name: Section, spelling?: RegExp): MapNode['entries'] {
    return this.reader.definitions(this.top.get(name), name, spelling);
  }

  private categories(): Vocabulary['categories'] {
    const categories = new Map<string, { name: string; code: string; title: string }>();
    const codes = new Map<string, string>();
    for (const { key, value } of this.section('categories')) {
      const entries = this.reader.entries(value, 'a category', ['code', 'title']);
      const code = this.reader.text(entries.get('code'));
      const holder = codes.get(code);
      if (holder !== undefined) this.reader.complain(value, `${holder} already has the code ${shortened(code)}`);
      codes.set(code, key);
      categories.set(key, { name: key, code, title: this.reader.text(entries.get('title')) });
    }
    return categories;
  }

  /** Every scale runs from `nothing` to `full`: elsewhere 0 is nothing and the last is everything, whatever the scale. */
  private scales(): Vocabulary['scales'] {
    const scales = new Map<string, readonly string[]>();
    for (const { key, value } of this.section('levels')) {
      const scale = this.reader.spelled(value, 'levels');
      if (scale.length > MOST_LEVELS) this.reader.complain(value, `a scale has no more than ${MOST_LEVELS} levels`);
      if (scale.length < 2 || scale[0] !== LEAST || scale.at(-1) !== MOST)
        this.reader.complain(value, `a scale runs from ${LEAST} to ${MOST}`);
      if (new Set(scale).size !== scale.length) this.reader.complain(value, 'a scale names each level once');
      scales.set(key, scale);
    }
    return scales;
  }

  private titled(name: 'tags' | 'records'): ReadonlyMap<string, { readonly title: string }> {
    return new Map(
      this.section(name).map(({ key, value }) => [
        key,
        { title: this.reader.text(this.reader.entries(value, `one of ${name}`, ['title']).get('title')) },
      ]),
    );
  }

  private numbered<Name extends string>(name: Section): Numbered<Name> {
    const taken = new Numbers(this.reader, name);
    return new Map(
      this.section(name).map(({ key, value }) => {
        const entries = this.reader.entries(value, `one of ${name}`, ['number', 'title']);
        const number = taken.take(key, entries);
        return [key as Name, { number, title: this.reader.text(entries.get('title')) }];
      }),
    );
  }

  /** A rule's bare word is a category and `record.field` a field; a word that were both would share more than it says. */
  private refuseSharedSpelling(records: ReadonlyMap<string, unknown>): void {
    for (const { key, keyAt } of this.section('categories'))
      if (records.has(key))
        this.reader.complain(keyAt, `${key} is also a record: a category is spelled unlike any record`);
  }

  private fields(words: Pick<Vocabulary, 'categories' | 'scales' | 'tags' | 'records'>): Vocabulary['fields'] {
    const { reader } = this;
    const taken = new Numbers(reader, 'fields');
    const fields = new Map<FieldName, Field>();
    for (const { key, keyAt, value } of this.section('fields', FIELD_SPELLING)) {
      const entries = reader.entries(
        value,
        'a field',
        ['number', 'title', 'category', 'about', 'level'],
        ['tags', 'fhir', 'niem', 'hl7v2'],
      );
      const record = key.slice(0, key.indexOf('.'));
      if (!words.records.has(record)) reader.complain(keyAt, `${record} is not among the records`);
      const scaleName = this.definedWord(entries, 'level', 'a scale of levels', [...words.scales.keys()]);
      const mapping = (standard: string): string[] => reader.texts(entries.get(standard)).map(({ text }) => text);
      fields.set(key as FieldName, {
        name: key as FieldName,
        number: taken.take(key, entries),
        record,
        title: reader.text(entries.get('title')),
        category: this.definedWord(entries, 'category', 'a category', [...words.categories.keys()]),
        about: reader.word(entries.get('about'), 'what a field can be about', ABOUT),
        tags: reader.words(entries.get('tags'), 'a tag', [...words.tags.keys()]),
        scaleName,
        scale: words.scales.get(scaleName) ?? [LEAST, MOST],
        mapping: { fhir: mapping('fhir'), niem: mapping('niem'), hl7v2: mapping('hl7v2') },
      });
    }
    return fields;
  }

  private definedWord(entries: Entries, key: string, what: string, valid: readonly string[]): string {
    const [word, second] = this.reader.words(entries.get(key), what, valid);
    if (second !== undefined) this.reader.complain(entries.at, `a field has one ${key}`);
    return word ?? '';
  }

  private facts(sectors: readonly string[], roles: readonly string[]): Vocabulary['facts'] {
    const { reader } = this;
    const taken = new Numbers(reader, 'facts');
    const setters = [...SETTERS, ...roles, ...roles.map((role) => `${role} of another agency`)];
    const facts = new Map<FactName, Fact>();
    for (const { key, keyAt, value } of this.section('facts')) {
      if (NO_FACTS.includes(key))
        reader.complain(keyAt, `${key} is a word of the language; call the fact something else`);
      const entries = reader.entries(
        value,
        'a fact',
        ['number', 'title', 'kind', 'set by'],
        ['values', 'thresholds', 'unit', 'most protective first', 'needs', 'if nobody has said', 'of', 'per', 'aloud'],
      );
      const kind = reader.word(entries.get('kind'), 'a kind of fact', KINDS);
      const words = this.factWords(kind, entries, sectors, roles);
      const ifNobodyHasSaid = this.ifNobodyHasSaid(kind, entries, words.values);
      facts.set(key as FactName, {
        name: key as FactName,
        number: taken.take(key, entries),
        kind,
        title: reader.text(entries.get('title')),
        ...this.aloud(kind, entries),
        ...words,
        protectiveOrder: this.protectiveOrder(kind, entries, words.values, ifNobodyHasSaid),
        setBy: reader.words(entries.get('set by'), 'who may state a fact', setters),
        needs: reader.words(entries.get('needs'), 'what a fact can need', NEEDS),
        ifNobodyHasSaid,
        ofAsker:
          entries.get('of') !== undefined && reader.word(entries.get('of'), 'whom a fact is of', ['asker']) === 'asker',
        perField:
          entries.get('per') !== undefined &&
          reader.word(entries.get('per'), 'what a fact is per', ['field']) === 'field',
      });
    }
    return facts;
  }

  private factWords(
    kind: FactKind,
    entries: Entries,
    sectors: readonly string[],
    roles: readonly string[],
  ): Pick<Fact, 'values' | 'thresholds' | 'unit'> {
    const { reader } = this;
    const values = entries.get('values');
    const thresholds = entries.get('thresholds');
    if (thresholds !== undefined) {
      if (values !== undefined) reader.complain(values, 'a fact has values or thresholds, not both');
      if (kind !== 'ordered') reader.complain(thresholds, 'only an ordered fact has thresholds');
      const between = (thresholds.kind === 'list' ? thresholds.items : [thresholds]).map((item) => reader.number(item));
      if (between.length > MOST_LEVELS)
        reader.complain(thresholds, `a fact has no more than ${MOST_LEVELS} thresholds`);
      if (between.some((threshold, i) => threshold <= (between[i - 1] ?? 0)))
        reader.complain(thresholds, 'thresholds are written in ascending order');
      if (entries.get('unit') === undefined) reader.complain(thresholds, 'thresholds need a `unit`');
      return {
        values: bandsBetween(between),
        thresholds: between,
        unit: reader.word(entries.get('unit'), 'a unit', UNITS),
      };
    }
    const unit = entries.get('unit');
    if (unit !== undefined) reader.complain(unit, 'a unit goes with thresholds');
    if (kind === 'yes/no') {
      if (values !== undefined) reader.complain(values, 'a yes/no fact has the values yes and no');
      return {
        values: reader
          .texts(entries.get('most protective first'))
          .map(({ text }) => text)
          .filter((word) => word !== UNKNOWN),
      };
    }
    if (values === undefined) {
      reader.complain(entries.at, 'a fact of this kind needs `values` or `thresholds`');
      return { values: [] };
    }
    if (values.kind === 'scalar' && values.value === 'every sector') return { values: sectors };
    if (values.kind === 'scalar' && values.value === 'every role') return { values: roles };
    const listed = reader.spelled(values, 'values');
    if (listed.length > MOST_VALUES) reader.complain(values, `a fact has no more than ${MOST_VALUES} values`);
    if (new Set(listed).size !== listed.length) reader.complain(values, 'a value is written twice');
    if (listed.includes(UNKNOWN)) reader.complain(values, '`unknown` is a value of every fact; leave it out');
    if (listed.includes('none')) reader.complain(values, '`none` says that no value holds; leave it out');
    return { values: listed };
  }

  /** How a rule that asks for this fact is read: a clause with a gap for the words it asks for. A yes/no fact is its title. */
  private aloud(kind: FactKind, entries: Entries): Pick<Fact, 'aloud'> {
    const node = entries.get('aloud');
    if (node === undefined) return {};
    const aloud = this.reader.text(node);
    if (kind === 'yes/no' || aloud.split('…').length !== 2)
      this.reader.complain(
        node,
        '`aloud` is a clause with one `…` where the words go; a yes/no fact is read by its title',
      );
    return { aloud };
  }

  private ifNobodyHasSaid(kind: FactKind, entries: Entries, values: readonly string[]): FactValue {
    const node = entries.get('if nobody has said');
    if (kind === 'any of') {
      const said = node === undefined ? '' : this.reader.text(node);
      if (said === UNKNOWN) return UNKNOWN;
      if (said !== 'none')
        this.reader.complain(
          node ?? entries.at,
          'a fact that takes several values is `none` or `unknown` if nobody has said',
        );
      return [];
    }
    if (node === undefined) return UNKNOWN;
    const [word] = this.reader.words(node, 'a value of this fact', [UNKNOWN, ...values]);
    return word ?? UNKNOWN;
  }

  private protectiveOrder(
    kind: FactKind,
    entries: Entries,
    values: readonly string[],
    ifNobodyHasSaid: FactValue,
  ): readonly string[] {
    const { reader } = this;
    const node = entries.get('most protective first');
    if (node === undefined) {
      if (kind === 'yes/no') reader.complain(entries.at, 'a yes/no fact says which answer is `most protective first`');
      return ifNobodyHasSaid === UNKNOWN ? [UNKNOWN, ...values] : values;
    }
    const ordered = reader.texts(node).map(({ text }) => text);
    const expected = kind === 'yes/no' ? ['yes', 'no', UNKNOWN] : [...values, UNKNOWN];
    if (kind === 'any of' || JSON.stringify(ordered.toSorted()) !== JSON.stringify(expected.toSorted()))
      reader.complain(node, `\`most protective first\` orders ${shortened(expected.join(', '), 300)}`);
    return ordered;
  }
}

/** A number names a word in the ledger for ever, so two words never share one. */
class Numbers {
  private readonly reader: TreeReader;
  private readonly what: string;
  private readonly holders = new Map<number, string>();

  constructor(reader: TreeReader, what: string) {
    this.reader = reader;
    this.what = what;
  }

  take(name: string, entries: Entries): number {
    const node = entries.get('number');
    const number = this.reader.number(node);
    const holder = this.holders.get(number);
    if (number > 0 && holder !== undefined)
      this.reader.complain(
        node ?? entries.at,
        `the number ${number} already belongs to ${holder} among the ${this.what}`,
      );
    else this.holders.set(number, name);
    return number;
  }
}
