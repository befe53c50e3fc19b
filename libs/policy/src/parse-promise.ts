import { type RegimeName, shortened, type Vocabulary } from '#terms';
import type { PolicyPromise, Treatment } from './bundle.js';
import { expectKeys, expectMap, expectSentence, expectText, expectYes } from './expect-node.js';
import { wordsOf } from './grammar.js';
import { parseConditions } from './parse-conditions.js';
import { conditionNodes } from './parse-rule.js';
import { complain, type Source, type YamlNode } from './read-yaml.js';
import { selectLevels, selectWhole } from './select-fields.js';

/**
 * One item of `promises`. `never share` reads its conditions as a limit does, so that it covers the unknown too unless
 * it says `known`; `always share` reads them as a share does.
 */
export function parsePromise(
  source: Source,
  node: YamlNode,
  regime: RegimeName,
  vocabulary: Vocabulary,
  treatments: readonly Treatment[],
): PolicyPromise | undefined {
  const map = expectMap(source, node, 'a promise');
  if (map === undefined) return undefined;
  const parts = expectKeys(source, map, 'a promise', wordsOf('a promise'));
  const nameNode = parts.get('promise');
  const name = nameNode
    ? expectSentence(source, nameNode, '`promise`')
    : complain(source, map, 'a promise is a sentence: `promise: …`');
  const never = parts.get('never share');
  const always = parts.get('always share');
  if ((never === undefined) === (always === undefined))
    return complain(source, map, 'a promise has one of `never share`, `always share`');
  const conditions = parseConditions(
    source,
    conditionNodes(parts),
    { vocabulary, treatments },
    always !== undefined,
    'a promise',
  );
  const regimeNode = parts.get('regime');
  const lastResort = parts.get('last resort');
  const common = { name: name ?? '', regime, place: { path: source.path, ...map.at }, conditions };

  if (never !== undefined) {
    if (regimeNode !== undefined)
      complain(source, regimeNode, 'a `never share` promise holds over every combination of regimes; it names none');
    const byLastResort = lastResort !== undefined && expectYes(source, lastResort, '`last resort`');
    const fields = selectWhole(source, never, vocabulary, 'never share');
    return fields && { kind: 'never share', ...common, fields: new Set(fields.keys()), byLastResort };
  }
  if (always === undefined) return undefined;
  if (lastResort !== undefined) complain(source, lastResort, '`last resort` belongs to a `never share` promise');
  const of = regimeNode
    ? expectText(source, regimeNode, '`regime`')
    : complain(source, map, 'an `always share` promise names its `regime`');
  if (of !== undefined && of.text !== regime)
    complain(source, of, `\`${shortened(of.text)}\` is not the regime of this folder; write \`${regime}\``);
  const fields = selectLevels(source, always, vocabulary, 'always share');
  return of && fields && { kind: 'always share', ...common, fields, of: regime };
}
