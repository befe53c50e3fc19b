import { type DutyCode, type FieldName, isDate, type RegimeName, type Vocabulary } from '#terms';
import { type Checked, CORE, type Rule, type RuleId } from './bundle.js';
import { expectKeys, expectMap, expectSentence, expectText, expectWords, expectYes, notOneOf } from './expect-node.js';
import { type ConditionNodes, parseConditions } from './parse-conditions.js';
import { complain, shortened, type Source, type YamlNode } from './read-yaml.js';
import { selectLevels, selectWhole } from './select-fields.js';

const KEYS = [
  'rule',
  'title',
  'source',
  'checked',
  'share',
  'at most',
  'withhold',
  'with',
  'for purpose',
  'when',
  'when any',
  'unless',
  'last resort',
  'names sender',
  'duties',
  'say',
] as const;
const EFFECTS = ['share', 'at most', 'withhold'] as const;
/** Words of the language that this version does not have. */
const LATER = ['tell upon', 'treated as', 'alert'];

/** One item of `rules`: a share or a limit. */
export function parseRule(
  source: Source,
  node: YamlNode,
  regime: RegimeName,
  vocabulary: Vocabulary,
): Rule | undefined {
  const map = expectMap(source, node, 'a rule');
  if (map === undefined) return undefined;
  const parts = expectKeys(source, map, 'a rule', KEYS, LATER);
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
    for (const key of ['last resort', 'names sender'] as const)
      if (parts.has(key)) complain(source, parts.get(key) ?? map, `\`${key}\` belongs to a share`);

  const of = opens ? 'a share' : 'a limit';
  const effectNode = parts.get(effect);
  const fields =
    effectNode === undefined
      ? undefined
      : effect === 'withhold'
        ? selectWhole(source, effectNode, vocabulary, 'withhold')
        : selectLevels(source, effectNode, vocabulary, effect);
  const conditions = parseConditions(source, conditionNodes(parts), vocabulary, opens, of);
  const duties = parseDuties(source, parts.get('duties'), vocabulary);
  const title = sentence(source, parts.get('title'), '`title`');
  const say = sentence(source, parts.get('say'), '`say`');
  const checked = parseChecked(source, parts.get('checked'));
  const cited = sentence(source, parts.get('source'), '`source`');
  const lastResort =
    opens && parts.has('last resort') && expectYes(source, parts.get('last resort') ?? map, '`last resort`');
  const namesSender =
    opens && parts.has('names sender') && expectYes(source, parts.get('names sender') ?? map, '`names sender`');
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
    ...(say !== undefined && { say }),
  };
  return opens ? { kind: 'share', ...common, lastResort, namesSender } : { kind: 'limit', ...common };
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
  return isName(text.text)
    ? text.text
    : complain(source, text, `\`${shortened(text.text)}\` is not a name; use small letters a to z, digits and hyphens`);
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
  const parts = expectKeys(source, map, '`checked`', ['by', 'on']);
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

function sentence(source: Source, node: YamlNode | undefined, what: string): string | undefined {
  return node && expectSentence(source, node, what);
}
