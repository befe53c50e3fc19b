import {
  type DutyCode,
  type FieldName,
  isDate,
  type Level,
  NOTHING,
  oddCharacter,
  type RegimeName,
  shortened,
  type Vocabulary,
} from '#terms';
import { type Checked, CORE, type Rule, type RuleId, type Treatment } from './bundle.js';
import { expectKeys, expectMap, expectSentence, expectText, expectWords, expectYes, notOneOf } from './expect-node.js';
import { wordsOf } from './grammar.js';
import { type ConditionNodes, parseConditions } from './parse-conditions.js';
import { complain, type Source, type YamlMap, type YamlNode } from './read-yaml.js';
import { selectFields, selectLevels, selectWhole } from './select-fields.js';

const EFFECTS = ['share', 'at most', 'withhold'] as const;

/** One item of `rules`: a share or a limit. */
export function parseRule(
  source: Source,
  node: YamlNode,
  regime: RegimeName,
  vocabulary: Vocabulary,
  treatments: readonly Treatment[],
): Rule | undefined {
  const map = expectMap(source, node, 'a rule');
  if (map === undefined) return undefined;
  const parts = expectKeys(source, map, 'a rule', wordsOf('a rule'));
  const name = parseName(source, map, parts.get('rule'), 'rule');

  const effects = EFFECTS.filter((effect) => parts.has(effect));
  const [effect, second] = effects;
  if (effect === undefined) return complain(source, map, 'a rule has one of share, at most, withhold');
  if (second !== undefined)
    return complain(source, map, `a rule has one effect, not both \`${effect}\` and \`${second}\`; make two rules`);
  const opens = effect === 'share';
  if (opens && regime === CORE)
    return complain(source, map, 'core holds limits, duties and promises only; a share belongs to a regime');
  if (!opens)
    for (const key of ['last resort', 'names sender', 'tell upon'] as const)
      if (parts.has(key)) complain(source, parts.get(key) ?? map, `\`${key}\` belongs to a share`);

  const of = opens ? 'a share' : 'a limit';
  const effectNode = parts.get(effect);
  const fields =
    effectNode === undefined
      ? undefined
      : effect === 'withhold'
        ? selectWhole(source, effectNode, vocabulary, 'withhold')
        : selectLevels(source, effectNode, vocabulary, effect);
  const conditions = parseConditions(source, conditionNodes(parts), { vocabulary, treatments }, opens, of);
  const duties = parseDuties(source, parts.get('duties'), vocabulary);
  const title = sentence(source, parts.get('title'), '`title`');
  const say = sentence(source, parts.get('say'), '`say`');
  const checked = parseChecked(source, parts.get('checked'));
  const cited = sentence(source, parts.get('source'), '`source`');
  const lastResort =
    opens && parts.has('last resort') && expectYes(source, parts.get('last resort') ?? map, '`last resort`');
  const namesSender =
    opens && parts.has('names sender') && expectYes(source, parts.get('names sender') ?? map, '`names sender`');
  const alert = parts.has('alert') && expectYes(source, parts.get('alert') ?? map, '`alert`');
  const tellUpon = opens ? parseTellUpon(source, map, parts, vocabulary, fields) : [];
  if (namesSender && !vocabulary.fields.has('envelope.sender' as FieldName))
    complain(source, map, 'the vocabulary has no `envelope.sender` to share');
  if (name === undefined || fields === undefined) return undefined;

  const common = {
    id: `${regime}/${name}` as RuleId,
    regime,
    name,
    place: { path: source.path, ...map.at },
    title: title ?? '',
    source: cited ?? '',
    checked,
    conditions,
    duties,
    fields,
    alert,
    ...(say !== undefined && { say }),
  };
  return opens ? { kind: 'share', ...common, lastResort, namesSender, tellUpon } : { kind: 'limit', ...common };
}

/** A name is part of what the ledger keeps, and of what people type: small letters, digits and hyphens. */
export function parseName(
  source: Source,
  map: YamlNode,
  node: YamlNode | undefined,
  what: 'rule' | 'regime',
): string | undefined {
  if (node === undefined) return complain(source, map, `a ${what} has a name: \`${what}: …\``);
  const text = expectText(source, node, `the name of a ${what}`);
  if (text === undefined) return undefined;
  if (isName(text.text)) return text.text;
  const odd = oddCharacter(text.text);
  return complain(
    source,
    text,
    `\`${shortened(text.text)}\` is not a name; use small letters a to z, digits and hyphens${odd === undefined ? '' : `; ${odd}`}`,
  );
}

export function isName(text: string): boolean {
  return /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(text) && text.length <= 60;
}

const CONDITION_KEYS = {
  purpose: 'for purpose',
  with: 'with',
  when: 'when',
  any: 'when any',
  unless: 'unless',
} as const;

export function conditionNodes(parts: ReadonlyMap<string, YamlNode>): ConditionNodes {
  const nodes: { -readonly [Key in keyof ConditionNodes]: YamlNode } = {};
  for (const key of ['purpose', 'with', 'when', 'any', 'unless'] as const) {
    const node = parts.get(CONDITION_KEYS[key]);
    if (node !== undefined) nodes[key] = node;
  }
  return nodes;
}

function parseDuties(source: Source, node: YamlNode | undefined, vocabulary: Vocabulary): readonly DutyCode[] {
  if (node === undefined) return [];
  const duties = new Set<DutyCode>();
  for (const word of expectWords(source, node, 'a duty')) {
    const duty = word.text as DutyCode;
    if (vocabulary.duties.has(duty)) duties.add(duty);
    else complain(source, word, notOneOf(word.text, 'a duty', vocabulary.duties.keys()));
  }
  return [...duties];
}

/** `{by: nobody yet}`, or who and when. Left out, it is nobody. */
function parseChecked(source: Source, node: YamlNode | undefined): Checked {
  const nobody: Checked = { kind: 'nobody yet' };
  const map = node && expectMap(source, node, '`checked`');
  if (map === undefined) return nobody;
  const parts = expectKeys(source, map, '`checked`', wordsOf('`checked`'));
  const by = sentence(source, parts.get('by'), '`by`');
  const onNode = parts.get('on');
  const on = onNode && expectText(source, onNode, '`on`');
  if (by === 'nobody yet') {
    if (onNode !== undefined) complain(source, onNode, 'nobody has checked it yet, so that there is no date');
    return nobody;
  }
  if (by === undefined || on === undefined) {
    complain(source, map, '`checked` says by whom and on which day: `{by: …, on: 2026-03-01}`, or `{by: nobody yet}`');
    return nobody;
  }
  if (!isDate(on.text)) {
    complain(source, on, `\`${shortened(on.text)}\` is not a day; write it as 2026-03-01`);
    return nobody;
  }
  return { kind: 'checked', by, on: on.text };
}

/**
 * The fields upon whose change the question asks itself. Without a purpose and a recipient there is no question; and to be
 * told upon a field that the rule does not share would tell of that field.
 */
function parseTellUpon(
  source: Source,
  map: YamlMap,
  parts: ReadonlyMap<string, YamlNode>,
  vocabulary: Vocabulary,
  shared: ReadonlyMap<FieldName, Level> | undefined,
): readonly FieldName[] {
  const node = parts.get('tell upon');
  if (node === undefined) return [];
  const upon = new Set<FieldName>();
  for (const word of expectWords(source, node, '`tell upon`')) {
    const selection = selectFields(source, word, vocabulary, 'as a share');
    if (selection === undefined) continue;
    if (selection.kind === 'group')
      complain(source, word, '`tell upon` names single fields: `protection_order.served`');
    else
      for (const { name } of selection.fields)
        if (shared !== undefined && (shared.get(name) ?? NOTHING) === NOTHING)
          complain(source, word, `the rule does not share ${name}; to be told upon it would tell of it`);
        else upon.add(name);
  }
  for (const key of ['with', 'for purpose'] as const)
    if (!parts.has(key))
      complain(
        source,
        map,
        `\`tell upon\` asks on somebody's behalf; say for whom and what for: \`${key}\` is missing`,
      );
  return [...upon];
}

function sentence(source: Source, node: YamlNode | undefined, what: string): string | undefined {
  return node && expectSentence(source, node, what);
}
