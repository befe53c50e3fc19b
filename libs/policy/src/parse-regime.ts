import type { RegimeName, Vocabulary } from '#terms';
import { CORE, type Governs, type Regime, type Treatment } from './bundle.js';
import { expectKeys, expectList, expectMap, expectSentence, expectText, notOneOf } from './expect-node.js';
import { wordsOf } from './grammar.js';
import { parseUnder } from './parse-conditions.js';
import { parseName } from './parse-rule.js';
import { parseTreatments } from './parse-treatments.js';
import { complain, type Source, type YamlNode } from './read-yaml.js';
import { selectWhole } from './select-fields.js';

const MOST_GOVERNS = 50;
const ORIGINS = ['enrolled here', 'every agency'] as const;

/** `<regime>/regime.yaml`: its name, its title, and what it governs. */
export function parseRegime(
  source: Source,
  node: YamlNode,
  folder: RegimeName,
  vocabulary: Vocabulary,
): Regime | undefined {
  const map = expectMap(source, node, 'a regime');
  if (map === undefined) return undefined;
  const parts = expectKeys(source, map, 'a regime', wordsOf('a regime'));
  const name = parseName(source, map, parts.get('regime'), 'regime');
  if (name !== undefined && name !== folder)
    complain(
      source,
      parts.get('regime') ?? map,
      `the regime is called \`${name}\`, its folder \`${folder}\`; they are one name`,
    );
  const titleNode = parts.get('title');
  const title = titleNode
    ? expectSentence(source, titleNode, '`title`')
    : complain(source, map, 'a regime has a `title`');

  const governsNode = parts.get('governs');
  if (folder === CORE) {
    if (governsNode !== undefined)
      complain(source, governsNode, 'core cuts every field of every agency; it has no `governs`');
    const treated = parts.get('treated as');
    if (treated !== undefined)
      complain(
        source,
        treated,
        'core shares nothing, and a limit counts for every role; `treated as` belongs to a regime',
      );
    return { name: folder, title: title ?? '', governs: [], treatments: [] };
  }
  if (governsNode === undefined)
    return complain(source, map, 'a regime says what it `governs`; a field no regime governs stays');
  const treatedNode = parts.get('treated as');
  const treatments = treatedNode ? parseTreatments(source, treatedNode, vocabulary) : [];
  const items = expectList(source, governsNode, '`governs`')?.items ?? [];
  if (items.length > MOST_GOVERNS)
    return complain(
      source,
      governsNode,
      `\`governs\` lists more than ${MOST_GOVERNS} maps; nobody could say what it governs`,
    );
  return {
    name: folder,
    title: title ?? '',
    governs: items.flatMap((item) => parseGoverns(source, item, vocabulary, treatments) ?? []),
    treatments,
  };
}

function parseGoverns(
  source: Source,
  node: YamlNode,
  vocabulary: Vocabulary,
  treatments: readonly Treatment[],
): Governs | undefined {
  const map = expectMap(source, node, 'each of `governs`');
  if (map === undefined) return undefined;
  const parts = expectKeys(source, map, '`governs`', wordsOf('`governs`'));
  const originsNode = parts.get('origins');
  const fieldsNode = parts.get('fields');
  if (originsNode === undefined || fieldsNode === undefined)
    return complain(
      source,
      map,
      '`governs` names `origins` and `fields`: `{origins: enrolled here, fields: everything}`',
    );
  const word = expectText(source, originsNode, '`origins`');
  const origins = ORIGINS.find((candidate) => candidate === word?.text);
  if (word !== undefined && origins === undefined)
    complain(source, word, notOneOf(word.text, 'a word for origins', ORIGINS));
  const fields = selectWhole(source, fieldsNode, vocabulary, 'fields');
  const underNode = parts.get('under');
  const under = underNode ? parseUnder(source, underNode, { vocabulary, treatments }) : [];
  return origins && fields && { origins, fields: new Set(fields.keys()), under };
}
