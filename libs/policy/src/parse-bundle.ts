import { createHash } from 'node:crypto';
import { inWords, measureYaml, type Problem, type RegimeName, shortened, unseenIn, type Vocabulary } from '#terms';
import {
  type Bundle,
  type Case,
  CORE,
  type Place,
  type PolicyFile,
  type PolicyPromise,
  type Regime,
  type Rule,
  type Treatment,
} from './bundle.js';
import { PolicyError } from './error.js';
import { expectKeys, expectList, expectMap } from './expect-node.js';
import { wordsOf } from './grammar.js';
import { indexRules } from './index-rules.js';
import { parseCases } from './parse-cases.js';
import { parsePromise } from './parse-promise.js';
import { parseRegime } from './parse-regime.js';
import { isName, parseRule } from './parse-rule.js';
import {
  complain,
  DEEPEST,
  lineAndColumn,
  MOST_CHARACTERS_IN_A_FILE,
  MOST_PROBLEMS,
  MOST_TOKENS_IN_A_FILE,
  readYaml,
  type Source,
  TooManyProblems,
  type YamlNode,
} from './read-yaml.js';

/** Far above what a country's regimes need; below what would keep a gateway from starting. */
const MOST_FILES = 500;
const MOST_CHARACTERS = 4 * 1024 * 1024;
const MOST_TOKENS = 192 * 1024;
const MOST_RULES = 5_000;
/** Each says of every field what to expect. */
const MOST_CASES = 5_000;
const MOST_PROMISES = 1_000;
/** `- {rule: a, share: [x]}` */
const FEWEST_CHARACTERS_OF_A_RULE = 24;

/**
 * Reads a folder of policies: `core` and one folder a regime. Returns them whole, or throws with everything that is
 * wrong, each at its place; there is no bundle in which a rule that could not be read is left out.
 *
 * @example
 * const bundle = parseBundle(files, parseVocabulary(text, 'vocabulary.yaml'));
 * // throws PolicyError POLICY_INVALID, whose problems read like
 * // us-health/reports.yaml:12:19: `cover` is not a value of consent; expected one of agreed, not_asked, …
 */
export function parseBundle(files: readonly PolicyFile[], vocabulary: Vocabulary): Bundle {
  const problems: Problem[] = [];
  const found = readAll(files, vocabulary, problems);
  if (found === undefined || problems.length > 0) throw invalid(problems);
  const { byFolder, ...read } = found;
  const rulesAndRegimes = [...byFolder.values()].flatMap((sorted) => [
    ...(sorted.regime ? [sorted.regime] : []),
    ...sorted.rules,
  ]);
  const bundle: Omit<Bundle, BrandOf<Bundle>> = {
    digest: digestOf(rulesAndRegimes, vocabulary),
    vocabulary,
    ...read,
    byField: indexRules(read.rules, vocabulary),
  };
  return bundle as Bundle;
}

type BrandOf<Branded> = Extract<keyof Branded, symbol>;

type Read = Pick<Bundle, 'regimes' | 'rules' | 'promises' | 'cases'> & {
  readonly byFolder: ReadonlyMap<RegimeName, Folder>;
};

/** Nothing where there is more to complain of than anybody reads. */
function readAll(files: readonly PolicyFile[], vocabulary: Vocabulary, problems: Problem[]): Read | undefined {
  try {
    const byFolder = sortFiles(files, problems);
    refuseTooMuch(byFolder);
    return { byFolder, ...readFolders(byFolder, vocabulary, problems) };
  } catch (error) {
    if (!(error instanceof TooManyProblems)) throw error;
    return undefined;
  }
}

function readFolders(
  byFolder: ReadonlyMap<RegimeName, Folder>,
  vocabulary: Vocabulary,
  problems: Problem[],
): Omit<Read, 'byFolder'> {
  const regimes = new Map<RegimeName, Regime>();
  const rules: Rule[] = [];
  const promises: PolicyPromise[] = [];
  const cases: Case[] = [];
  for (const [folder, sorted] of byFolder) {
    const regime = readRegime(folder, sorted, vocabulary, problems);
    if (regime !== undefined && folder !== CORE) regimes.set(folder, regime);
    for (const file of sorted.rules) {
      const read = readRules(file, folder, vocabulary, regime?.treatments ?? [], problems);
      rules.push(...read.rules);
      promises.push(...read.promises);
      refuseMoreThan(MOST_RULES, 'rules', rules);
      refuseMoreThan(MOST_PROMISES, 'promises', promises);
    }
  }
  rules.sort((a, b) => (a.id < b.id ? -1 : 1));
  complainOfNamesTwice(rules, problems);
  const known = new Set([...byFolder.keys()].filter((folder) => folder !== CORE));
  for (const [folder, sorted] of byFolder)
    for (const file of sorted.cases) {
      const source: Source = { path: file.path, problems };
      const node = readYaml(source, file.text);
      if (node !== undefined) cases.push(...parseCases(source, node, folder, vocabulary, known));
      refuseMoreThan(MOST_CASES, 'cases', cases);
    }
  return { regimes, rules, promises, cases };
}

function refuseMoreThan(most: number, what: string, read: readonly { readonly place: Place }[]): void {
  const beyond = read[most];
  if (beyond !== undefined) throw invalid([{ ...beyond.place, message: `more than ${most} ${what}` }]);
}

/**
 * Tokens and rules are counted before anything is read whole, which costs ten times as much. Files that together are
 * shorter than so many rules could be are not counted twice.
 */
function refuseTooMuch(byFolder: ReadonlyMap<RegimeName, Folder>): void {
  const folders = [...byFolder.values()];
  const rules = folders.flatMap((folder) => folder.rules);
  const all = [...rules, ...folders.flatMap((folder) => [...folder.cases, ...(folder.regime ? [folder.regime] : [])])];
  if (all.reduce((sum, { text }) => sum + text.length, 0) < MOST_RULES * FEWEST_CHARACTERS_OF_A_RULE) return;
  let [tokens, keys] = [0, 0];
  for (const file of all) {
    if (file.text.length > MOST_CHARACTERS_IN_A_FILE || unseenIn(file.text, 1).length > 0) continue;
    const isOfRules = rules.includes(file);
    const { beyond, ...measured } = measureYaml(file.text, {
      depth: DEEPEST,
      tokens: Math.min(MOST_TOKENS_IN_A_FILE, MOST_TOKENS - tokens),
      ...(isOfRules && { keys: { key: 'rule', most: MOST_RULES - keys } }),
    });
    tokens += measured.tokens;
    keys += measured.keys;
    if (beyond === undefined || beyond.bound === 'depth') continue;
    const most =
      beyond.bound === 'keys'
        ? `${MOST_RULES} rules`
        : `${tokens > MOST_TOKENS ? MOST_TOKENS : MOST_TOKENS_IN_A_FILE} words and marks`;
    const { at } = lineAndColumn(file.text, beyond.offset);
    throw invalid([{ path: file.path, ...at, message: `more than ${most}` }]);
  }
}

interface Folder {
  regime?: PolicyFile;
  readonly rules: PolicyFile[];
  readonly cases: PolicyFile[];
}

/** By folder, then by name, so that neither the disk's order nor the caller's matters to anything. */
function sortFiles(files: readonly PolicyFile[], problems: Problem[]): ReadonlyMap<RegimeName, Folder> {
  const folders = new Map<RegimeName, Folder>();
  const seen = new Set<string>();
  const start = { line: 1, column: 1 };
  const characters = files.reduce((sum, file) => sum + file.text.length, 0);
  if (files.length > MOST_FILES || characters > MOST_CHARACTERS)
    throw invalid([
      {
        path: '.',
        ...start,
        message: `more than ${MOST_FILES} files or ${MOST_CHARACTERS / 1024 / 1024} MiB of policies`,
      },
    ]);
  for (const file of files.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))) {
    const [folder, name, deeper] = file.path.split('/');
    const subject = /^(.+?)(\.cases)?\.yaml$/.exec(name ?? '');
    if (
      folder === undefined ||
      subject?.[1] === undefined ||
      deeper !== undefined ||
      !isName(folder) ||
      !isName(subject[1])
    ) {
      problems.push({
        path: inOneLine(file.path),
        ...start,
        message: 'not a place for policies; write `<regime>/<subject>.yaml` or `<regime>/<subject>.cases.yaml`',
      });
      continue;
    }
    if (seen.has(file.path)) problems.push({ path: file.path, ...start, message: 'the file was given twice' });
    seen.add(file.path);
    const sorted = folders.get(folder as RegimeName) ?? { rules: [], cases: [] };
    folders.set(folder as RegimeName, sorted);
    if (name === 'regime.yaml') sorted.regime = file;
    else if (subject[2] === undefined) sorted.rules.push(file);
    else sorted.cases.push(file);
  }
  // Without core, every safety limit would be gone and nobody would see it.
  if (!folders.has(CORE))
    problems.push({ path: CORE, ...start, message: 'there is no `core`: nothing is decided without its limits' });
  return folders;
}

/** A path that is none of ours may hold anything. */
function inOneLine(path: string): string {
  return shortened(path, 120).replaceAll(/[^ -~]/g, '\u{fffd}');
}

function readRegime(
  folder: RegimeName,
  { regime: file }: Folder,
  vocabulary: Vocabulary,
  problems: Problem[],
): Regime | undefined {
  if (file === undefined) {
    if (folder === CORE) return { name: CORE, title: 'Safety', governs: [], treatments: [] };
    problems.push({
      path: `${folder}/regime.yaml`,
      line: 1,
      column: 1,
      message: 'is missing: a regime says what it governs',
    });
    return undefined;
  }
  const source: Source = { path: file.path, problems };
  const node = readYaml(source, file.text);
  return node && parseRegime(source, node, folder, vocabulary);
}

function readRules(
  file: PolicyFile,
  regime: RegimeName,
  vocabulary: Vocabulary,
  treatments: readonly Treatment[],
  problems: Problem[],
): { readonly rules: readonly Rule[]; readonly promises: readonly PolicyPromise[] } {
  const source: Source = { path: file.path, problems };
  const node = readYaml(source, file.text);
  const map = node && expectMap(source, node, 'a file of rules');
  if (map === undefined) return { rules: [], promises: [] };
  const elsewhere = map.entries.find(({ key }) => key.text === 'treated as');
  if (elsewhere !== undefined)
    complain(source, elsewhere.key, '`treated as` stands in `regime.yaml`, once for the regime');
  const entries = map.entries.filter((entry) => entry !== elsewhere);
  const parts = expectKeys(source, { ...map, entries }, 'a file of rules', wordsOf('a file of rules'));
  const items = (key: 'rules' | 'promises'): readonly YamlNode[] => {
    const list = parts.get(key);
    return (list && expectList(source, list, `\`${key}\``))?.items ?? [];
  };
  if (map.entries.length === 0) complain(source, map, 'a file of rules has `rules` or `promises`');
  return {
    rules: items('rules').flatMap((item) => parseRule(source, item, regime, vocabulary, treatments) ?? []),
    promises: items('promises').flatMap((item) => parsePromise(source, item, regime, vocabulary, treatments) ?? []),
  };
}

/** The ledger names rules by id: two under one name could not be told apart afterwards. */
function complainOfNamesTwice(rules: readonly Rule[], problems: Problem[]): void {
  const seen = new Map<string, Rule>();
  for (const rule of rules) {
    const first = seen.get(rule.id);
    const { path, line, column } = rule.place;
    if (first === undefined) seen.set(rule.id, rule);
    else
      complain(
        { path, problems },
        { at: { line, column } },
        `\`${rule.name}\` is already the name of a rule of ${rule.regime} (${first.place.path}:${first.place.line})`,
      );
  }
}

/** Lengths go before contents, so that no two sets of files have the same bytes. */
function digestOf(files: readonly PolicyFile[], vocabulary: Vocabulary): string {
  const hash = createHash('sha256').update(`postern policies\n${vocabulary.digest}\n`);
  for (const { path, text } of files.toSorted((a, b) => (a.path < b.path ? -1 : 1)))
    hash.update(`${path}\n${Buffer.byteLength(text)}\n`).update(text);
  return hash.digest('hex');
}

function invalid(problems: readonly Problem[]): PolicyError {
  const sorted = problems.toSorted(
    (a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0) || a.line - b.line || a.column - b.column,
  );
  const shown = sorted.slice(0, MOST_PROBLEMS);
  const lines = shown.map(inWords);
  if (sorted.length >= MOST_PROBLEMS) lines.push('and perhaps more');
  return new PolicyError('POLICY_INVALID', lines.join('\n'), shown);
}
