import { type Field, type FieldName, FULL, type Level, NOTHING, shortened, type Vocabulary } from '#terms';
import { expectText, meantPerhaps, notOneOf } from './expect-node.js';
import { complain, type Source, type YamlNode, type YamlText } from './read-yaml.js';

/**
 * The sender, the rule and that an agency knows her at all. Consent to a value is not consent to these: a share reaches
 * them by their own names only, a limit by every word that holds them.
 */
export function needsAShareOfItsOwn(field: Field): boolean {
  return field.record === 'envelope' || field.name === 'service.enrolment';
}

/** Whether groups (`everything`, tags, categories) reach the fields that need a share of their own. */
export type Reach = 'as a share' | 'as a limit';

/** Enough to except half of a large vocabulary. */
const MOST_CHARACTERS = 2_000;

export interface Selection {
  /** A field by its own name, or a group of them. */
  readonly kind: 'field' | 'group';
  readonly fields: readonly Field[];
}

/**
 * `everything`, `everything tagged whereabouts`, `everything except [child.safe_pickup]`, a category, or a field.
 */
export function selectFields(
  source: Source,
  node: YamlText,
  vocabulary: Vocabulary,
  reach: Reach,
): Selection | undefined {
  const known = rememberedOf(vocabulary);
  const key = `${reach} ${node.text}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const made = select(source, node, vocabulary, reach);
  if (made !== undefined && node.text.length <= MOST_CHARACTERS_REMEMBERED && known.size < MOST_REMEMBERED)
    known.set(key, made);
  return made;
}

/** The same few words stand in rule after rule. */
const remembered = new WeakMap<Vocabulary, Map<string, Selection>>();
const MOST_REMEMBERED = 1_000;
const MOST_CHARACTERS_REMEMBERED = 200;

function rememberedOf(vocabulary: Vocabulary): Map<string, Selection> {
  const known = remembered.get(vocabulary) ?? new Map<string, Selection>();
  remembered.set(vocabulary, known);
  return known;
}

function select(source: Source, node: YamlText, vocabulary: Vocabulary, reach: Reach): Selection | undefined {
  if (node.text.length > MOST_CHARACTERS)
    return complain(source, node, `names fields in more than ${MOST_CHARACTERS} characters; write a list`);
  const words = node.text.trim().replaceAll(/\s+/g, ' ');
  const within = [...vocabulary.fields.values()].filter(
    (field) => reach === 'as a limit' || !needsAShareOfItsOwn(field),
  );

  if (words === 'everything') return group(within);

  const tagged = /^everything tagged (.+)$/.exec(words)?.[1];
  if (tagged !== undefined) {
    if (!vocabulary.tags.has(tagged)) return complain(source, node, notOneOf(tagged, 'a tag', vocabulary.tags.keys()));
    return group(within.filter((field) => field.tags.includes(tagged)));
  }

  const except = /^everything except (?:\[(.*)\]|([^[\]]+))$/.exec(words);
  if (except !== null) {
    const left = new Set<FieldName>();
    for (const word of new Set((except[1] ?? except[2] ?? '').split(',').map((each) => each.trim()))) {
      if (word.includes('everything except'))
        return complain(source, node, 'an exception has no exception of its own; name the fields that are left out');
      // What is excepted is excepted whole: `everything except services` never comes to mean that enrolment is shared.
      const selection = selectFields(source, { ...node, text: word }, vocabulary, 'as a limit');
      if (selection === undefined) return undefined;
      for (const field of selection.fields) left.add(field.name);
    }
    return group(within.filter((field) => !left.has(field.name)));
  }

  const field = vocabulary.fields.get(words as FieldName);
  if (field !== undefined) return { kind: 'field', fields: [field] };

  if (vocabulary.categories.has(words)) {
    const held = within.filter(({ category }) => category === words);
    return held.length > 0
      ? group(held)
      : complain(source, node, `no field of ${words} can be reached here; name the field itself`);
  }
  if (words.startsWith('everything '))
    return complain(
      source,
      node,
      `\`${shortened(words)}\` is not part of the language; write \`everything\`, \`everything tagged …\` or \`everything except […]\``,
    );
  const meant = meantPerhaps(words, [...vocabulary.fields.keys(), ...vocabulary.categories.keys(), 'everything']);
  return complain(source, node, `\`${shortened(words)}\` is not a field or a category${meant}`);
}

function group(fields: readonly Field[]): Selection {
  return { kind: 'group', fields };
}

/** The level of that name on every one of the fields, or a complaint that names one without. */
export function levelOfEach(
  source: Source,
  node: YamlText,
  name: string,
  fields: readonly Field[],
): ReadonlyMap<FieldName, Level> | undefined {
  const known = levelsOfEach.get(fields) ?? new Map<string, ReadonlyMap<FieldName, Level>>();
  levelsOfEach.set(fields, known);
  const before = known.get(name);
  if (before !== undefined) return before;
  const levels = new Map<FieldName, Level>();
  for (const field of fields) {
    const level = field.scale.indexOf(name);
    if (level < 0) return complain(source, node, notOneOf(name, `a level of ${field.name}`, field.scale));
    levels.set(field.name, level as Level);
  }
  // One for each word of their scales, and no more.
  known.set(name, levels);
  return levels;
}

const levelsOfEach = new WeakMap<readonly Field[], Map<string, ReadonlyMap<FieldName, Level>>>();

/**
 * What a `share` or an `at most` names: `[identity, {person.birth_date: year}]`, or `{person.birth_date: year}`. A field
 * named without a level is meant in full. The same field at two levels is refused: neither reading is sure to be meant.
 */
export function selectLevels(
  source: Source,
  node: YamlNode,
  vocabulary: Vocabulary,
  what: 'share' | 'at most' | 'always share',
): ReadonlyMap<FieldName, Level> | undefined {
  const reach = what === 'at most' ? 'as a limit' : 'as a share';
  const levels = new Map<FieldName, Level>();
  const problemsBefore = source.problems.length;
  const take = (at: YamlText, selected: ReadonlyMap<FieldName, Level>): void => {
    for (const [name, level] of selected) {
      const earlier = levels.get(name);
      if (earlier !== undefined && earlier !== level) {
        const scale = vocabulary.fields.get(name)?.scale ?? [];
        complain(source, at, `names ${name} at \`${scale[level]}\`, and before at \`${scale[earlier]}\`; name it once`);
        return;
      }
      levels.set(name, level);
    }
  };
  const entries = node.kind === 'list' ? node.items : [node];
  if (entries.length === 0) return complain(source, node, `\`${what}\` is empty`);
  const taken = new Set<string>();
  for (const entry of entries) {
    if (entry.kind === 'text' && taken.has(entry.text)) continue;
    if (entry.kind === 'text') taken.add(entry.text);
    if (entry.kind === 'map') {
      for (const { key, value } of entry.entries) {
        const selection = selectFields(source, key, vocabulary, reach);
        const level = expectText(source, value, 'a level');
        if (selection === undefined || level === undefined) continue;
        const selected = levelOfEach(source, level, level.text, selection.fields);
        if (selected === undefined) continue;
        if (what !== 'at most' && level.text === 'nothing')
          complain(source, level, `\`${what}\` at \`nothing\` shares nothing; leave it out`);
        else if (what === 'at most' && level.text === 'nothing')
          complain(source, level, '`at most` at `nothing` is a `withhold`; write that');
        else if (what === 'at most' && level.text === 'full')
          complain(source, level, '`at most` at `full` limits nothing; leave it out');
        else take(key, selected);
      }
    } else if (entry.kind === 'text') {
      if (what === 'at most') {
        complain(source, entry, '`at most` names a level for each field: `{person.birth_date: year}`');
        continue;
      }
      const selection = selectFields(source, entry, vocabulary, reach);
      if (selection !== undefined) take(entry, new Map(selection.fields.map((field) => [field.name, FULL(field)])));
    } else complain(source, entry, `\`${what}\` names fields, not lists of lists`);
  }
  if (levels.size === 0 && source.problems.length === problemsBefore)
    complain(source, node, `\`${what}\` names no field`);
  return source.problems.length === problemsBefore ? levels : undefined;
}

/** What a `withhold`, a `never share` or a `governs` names: fields, without levels. */
export function selectWhole(
  source: Source,
  node: YamlNode,
  vocabulary: Vocabulary,
  what: string,
): ReadonlyMap<FieldName, Level> | undefined {
  const chosen = new Map<FieldName, Level>();
  const problemsBefore = source.problems.length;
  const entries = node.kind === 'list' ? node.items : [node];
  const taken = new Set<string>();
  for (const entry of entries) {
    if (entry.kind !== 'text') {
      complain(source, entry, `\`${what}\` names fields, without levels`);
      continue;
    }
    if (taken.has(entry.text)) continue;
    taken.add(entry.text);
    for (const field of selectFields(source, entry, vocabulary, 'as a limit')?.fields ?? [])
      chosen.set(field.name, NOTHING);
  }
  if (chosen.size === 0 && source.problems.length === problemsBefore)
    complain(source, node, `\`${what}\` names no field`);
  return source.problems.length === problemsBefore ? chosen : undefined;
}
