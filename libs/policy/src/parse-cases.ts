import { type DutyCode, type FieldName, type Level, type RegimeName, shortened, type Vocabulary } from '#terms';
import { type Brings, type Case, CORE } from './bundle.js';
import { expectKeys, expectList, expectMap, expectSentence, expectText, expectWords, notOneOf } from './expect-node.js';
import { type WordOf, wordsOf } from './grammar.js';
import { NONE } from './parse-conditions.js';
import { type Given, NOTHING_GIVEN, onTopOf, parseGiven, parseOne, situationGiven, type Words } from './parse-given.js';
import { complain, type Source, type YamlList, type YamlMap, type YamlNode, type YamlText } from './read-yaml.js';
import { levelOfEach, selectFields, type Selection } from './select-fields.js';

const EVERYTHING_ELSE = 'everything else';
const MOST_ROWS = 1_000;

/** The file being read and what its cases may speak of. */
interface Reading {
  readonly source: Source;
  readonly regime: RegimeName;
  readonly words: Words;
  /** Where the data come from unless a case says otherwise: the folder's own regime. */
  readonly usual: ReadonlySet<RegimeName>;
}

/** `<subject>.cases.yaml`: people, single cases, and tables, each row of which is a case. */
export function parseCases(
  source: Source,
  node: YamlNode,
  regime: RegimeName,
  vocabulary: Vocabulary,
  regimes: ReadonlySet<RegimeName>,
): readonly Case[] {
  const map = expectMap(source, node, 'a file of cases');
  if (map === undefined) return [];
  const parts = expectKeys(source, map, 'a file of cases', wordsOf('a file of cases'));
  const people = new Map<string, Given>();
  const words: Words = { vocabulary, regimes, people };
  const peopleNode = parts.get('people');
  for (const { key, value } of (peopleNode && expectMap(source, peopleNode, '`people`'))?.entries ?? []) {
    if (!/^\S(?:[^\t\n]{0,58}\S)?$/u.test(key.text)) {
      complain(
        source,
        key,
        `\`${shortened(key.text)}\` is not what somebody is called: one line of up to 60 characters`,
      );
      continue;
    }
    const like = value.kind === 'map' ? value.entries.find((entry) => entry.key.text === 'like') : undefined;
    if (like === undefined) people.set(key.text, parseGiven(source, value, { ...words, people: new Map() }));
    else complain(source, like.key, 'people stand for themselves; `like` belongs to a case');
  }
  const casesNode = parts.get('cases') ?? complain(source, map, 'a file of cases has `cases`');
  const items = (casesNode && expectList(source, casesNode, '`cases`'))?.items ?? [];
  // Core governs nobody: a case of core says whose data it is about.
  const reading: Reading = { source, regime, words, usual: new Set(regime === CORE ? [] : [regime]) };
  return items.flatMap((item) => {
    const itemMap = expectMap(source, item, 'a case');
    if (itemMap === undefined) return [];
    return itemMap.entries.some(({ key }) => key.text === 'table')
      ? parseTable(reading, itemMap)
      : parseCase(reading, itemMap);
  });
}

function parseCase(reading: Reading, map: YamlMap): readonly Case[] {
  const { source, regime, words, usual } = reading;
  const parts = expectKeys(
    source,
    map,
    'a case',
    wordsOf('a case').filter((word) => word !== EVERYTHING_ELSE),
  );
  const name = nameOf(source, map, parts.get('case'), 'case');
  const givenNode = parts.get('given') ?? complain(source, map, 'a case says what is `given`');
  const expectNode = parts.get('expect') ?? complain(source, map, 'a case says what to `expect`');
  if (givenNode === undefined || expectNode === undefined || name === undefined) return [];
  const before = source.problems.length;
  const given = parseGiven(source, givenNode, words);
  const understood = source.problems.length === before;
  const situation = understood ? situationGiven(source, givenNode, given, usual) : undefined;
  const expected = expectMap(source, expectNode, '`expect`');
  if (expected === undefined) return [];
  if (!expected.entries.some(({ key }) => key.text === EVERYTHING_ELSE))
    complain(
      source,
      expected,
      '`expect` ends with `everything else: nothing`: what is not named must not leave unseen',
    );
  const expect = parseExpect(source, expected, words.vocabulary, (key) =>
    selectFields(source, key, words.vocabulary, 'as a share'),
  );
  const brings = parseBrings(source, expected, words.vocabulary);
  return situation ? [{ name, regime, place: { path: source.path, ...map.at }, situation, expect, brings }] : [];
}

function parseTable(reading: Reading, map: YamlMap): readonly Case[] {
  const { source, words } = reading;
  const parts = expectKeys(source, map, 'a table', wordsOf('a table'));
  const name = nameOf(source, map, parts.get('table'), 'table');
  const givenNode = parts.get('given');
  const base = givenNode === undefined ? NOTHING_GIVEN : parseGiven(source, givenNode, words);
  const columnsNode = parts.get('columns') ?? complain(source, map, 'a table has `columns`');
  const rowsNode = parts.get('rows') ?? complain(source, map, 'a table has `rows`');
  const columns = (columnsNode && expectList(source, columnsNode, '`columns`'))?.items ?? [];
  const rows = (rowsNode && expectList(source, rowsNode, '`rows`'))?.items ?? [];
  const heads = headsOf(source, columns);
  if (heads === undefined || name === undefined) return [];
  if (!heads.some((head) => isExpected(head, words)))
    return complain(source, columnsNode ?? map, 'no column names a field, so that the table expects nothing') ?? [];

  // Once, and not for each row.
  const selections = new Map<YamlText, Selection>();
  for (const head of heads) {
    if (!isExpected(head, words) || isOfBrings(head.text) || head.text === EVERYTHING_ELSE) continue;
    const selection = selectFields(source, head, words.vocabulary, 'as a share');
    if (selection === undefined) return [];
    selections.set(head, selection);
  }
  if (rows.length > MOST_ROWS) return complain(source, rowsNode ?? map, `a table of more than ${MOST_ROWS} rows`) ?? [];
  return rows.flatMap((row) => {
    const cells = expectList(source, row, 'a row')?.items ?? [];
    if (cells.length === 0) return [];
    if (cells.length !== heads.length)
      return complain(source, row, `the row has ${cells.length} cells, the table ${heads.length} columns`) ?? [];
    return parseRow(reading, row, { name, heads, selections, cells, base });
  });
}

/** Each once: of two columns of one name the later would hide what the earlier says. */
function headsOf(source: Source, columns: readonly YamlNode[]): readonly YamlText[] | undefined {
  const seen = new Set<string>();
  const before = source.problems.length;
  const heads: YamlText[] = [];
  for (const column of columns) {
    const head = expectText(source, column, 'the head of a column');
    if (head === undefined) continue;
    if (seen.has(head.text)) complain(source, head, `two columns are called \`${shortened(head.text)}\``);
    seen.add(head.text);
    heads.push(head);
  }
  return source.problems.length === before ? heads : undefined;
}

interface Row {
  readonly name: string;
  readonly heads: readonly YamlText[];
  /** What those heads name that are fields. */
  readonly selections: ReadonlyMap<YamlText, Selection>;
  readonly cells: YamlList['items'];
  readonly base: Given;
}

function parseRow(
  reading: Reading,
  row: YamlNode,
  { name: table, heads, selections, cells, base }: Row,
): readonly Case[] {
  const { source, regime, words, usual } = reading;
  let given = base;
  const told: string[] = [];
  const expected: { key: YamlText; value: YamlNode }[] = [];
  heads.forEach((head, index) => {
    const value = cells[index];
    if (value === undefined) return;
    if (isExpected(head, words)) expected.push({ key: head, value });
    else {
      given = onTopOf(given, parseOne(source, head, value, words));
      told.push(value.kind === 'text' ? value.text : '…');
    }
  });
  const situation = situationGiven(source, row, given, usual);
  const expectedMap: YamlMap = { kind: 'map', at: row.at, entries: expected };
  const expect = parseExpect(source, expectedMap, words.vocabulary, (key) => selections.get(key));
  const brings = parseBrings(source, expectedMap, words.vocabulary);
  const name = told.length === 0 ? table : `${table}: ${told.join(', ')}`;
  return situation ? [{ name, regime, place: { path: source.path, ...row.at }, situation, expect, brings }] : [];
}

const BRINGS = wordsOf('`expect`');

function isOfBrings(key: string): key is WordOf<'`expect`'> {
  return (BRINGS as readonly string[]).includes(key);
}

/** A column that is not a fact, the purpose or consent is a field, and its cells are what to expect. */
function isExpected(head: YamlText, { vocabulary }: Words): boolean {
  if (isOfBrings(head.text)) return true;
  return head.text.includes('.') || head.text.startsWith('everything') || vocabulary.categories.has(head.text);
}

/** A field's own line goes before a group's, a group's before `everything else`. */
function parseExpect(
  source: Source,
  map: YamlMap,
  vocabulary: Vocabulary,
  select: (key: YamlText) => Selection | undefined,
): ReadonlyMap<FieldName, Level> {
  let groups: ReadonlyMap<FieldName, Level> = new Map();
  const fields = new Map<FieldName, Level>();
  let others: ReadonlyMap<FieldName, Level> = new Map();
  for (const { key, value } of map.entries) {
    if (isOfBrings(key.text)) continue;
    const level = expectText(source, value, 'a level');
    if (level === undefined) continue;
    if (key.text === EVERYTHING_ELSE) {
      const all = selectFields(source, { ...key, text: 'everything' }, vocabulary, 'as a limit')?.fields ?? [];
      others = levelOfEach(source, level, level.text, all) ?? new Map();
      continue;
    }
    const selection = select(key);
    const levels = selection && levelOfEach(source, level, level.text, selection.fields);
    if (levels === undefined) continue;
    if (selection?.kind === 'field') for (const [name, expected] of levels) fields.set(name, expected);
    else {
      for (const [name, expected] of levels)
        if ((groups.get(name) ?? expected) !== expected)
          complain(source, key, `expects of ${name} what an earlier line expects otherwise; name the field itself`);
      groups = groups.size === 0 ? levels : new Map([...levels, ...groups]);
    }
  }
  return groups.size + fields.size === 0 ? others : new Map([...others, ...groups, ...fields]);
}

/** What is expected besides fields; what is not named is left open. */
function parseBrings(source: Source, map: YamlMap, vocabulary: Vocabulary): Brings {
  let brings: Brings = {};
  for (const { key, value } of map.entries) {
    if (!isOfBrings(key.text)) continue;
    switch (key.text) {
      case 'duties':
        brings = { ...brings, duties: dutiesIn(source, value, key, vocabulary) };
        break;
      case 'duties of': {
        const entries = expectMap(source, value, '`duties of`')?.entries ?? [];
        const dutiesOf = entries.flatMap((entry) => {
          const fields = selectFields(source, entry.key, vocabulary, 'as a share')?.fields ?? [];
          const own = dutiesIn(source, entry.value, entry.key, vocabulary);
          return fields.map(({ name }) => [name, own] as const);
        });
        brings = { ...brings, dutiesOf: new Map(dutiesOf) };
        break;
      }
      case 'say':
        brings = { ...brings, say: new Set(wordsOrNone(source, value, key).map(({ text }) => text)) };
        break;
      case 'alert':
        brings = { ...brings, alert: yesOrNo(source, value, key) };
        break;
      case 'last resort':
        brings = { ...brings, lastResort: yesOrNo(source, value, key) };
        break;
      case 'tell upon': {
        const told = wordsOrNone(source, value, key).flatMap((word) =>
          (selectFields(source, word, vocabulary, 'as a share')?.fields ?? []).map(({ name }) => name),
        );
        brings = { ...brings, tellUpon: new Set(told) };
        break;
      }
      default:
        key.text satisfies never;
    }
  }
  return brings;
}

function wordsOrNone(source: Source, value: YamlNode, key: YamlText): readonly YamlText[] {
  return value.kind === 'text' && value.text === NONE ? [] : expectWords(source, value, `\`${key.text}\``);
}

function dutiesIn(source: Source, value: YamlNode, key: YamlText, vocabulary: Vocabulary): ReadonlySet<DutyCode> {
  return new Set(wordsOrNone(source, value, key).flatMap((word) => dutyNamed(source, word, vocabulary)));
}

function dutyNamed(source: Source, word: YamlText, { duties }: Vocabulary): readonly DutyCode[] {
  const known = duties.get(word.text as DutyCode);
  if (known === undefined) complain(source, word, notOneOf(word.text, 'a duty', duties.keys()));
  return known === undefined ? [] : [word.text as DutyCode];
}

function yesOrNo(source: Source, value: YamlNode, key: YamlText): boolean {
  const text = expectText(source, value, `\`${key.text}\``)?.text;
  if (text !== undefined && text !== 'yes' && text !== 'no')
    complain(source, value, `\`${key.text}\` is expected to be \`yes\` or \`no\``);
  return text === 'yes';
}

function nameOf(source: Source, map: YamlMap, node: YamlNode | undefined, what: 'case' | 'table'): string | undefined {
  return node === undefined
    ? complain(source, map, `a ${what} has a name: \`${what}: …\``)
    : expectSentence(source, node, `\`${what}\``);
}
