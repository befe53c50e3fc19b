import type { RegimeName } from '#terms';
import type { Bundle, PolicyPromise, Rule } from './bundle.js';
import { readAloud, readPromiseAloud, readTreatmentAloud } from './read-aloud.js';

const BLOCK = /(<!-- generated: rules -->\n)[^]*?(<!-- \/generated -->)/;

/**
 * An officer's page about a regime, with its rules said anew between `<!-- generated: rules -->` and
 * `<!-- /generated -->`: what decides cannot differ from what she reads. Without such a block, nothing.
 *
 * @example withRules(readFileSync('policies/us-health/README.md', 'utf8'), bundle, usHealth)
 */
export function withRules(page: string, bundle: Bundle, regime: RegimeName): string | undefined {
  if (!BLOCK.test(page)) return undefined;
  const lines = [...table(bundle, regime), ...promises(bundle, regime), ...treatments(bundle, regime)];
  return page.replace(BLOCK, (_, begin: string, end: string) => `${begin}${lines.join('\n')}\n${end}`);
}

function table(bundle: Bundle, regime: RegimeName): readonly string[] {
  const rules = inOrder(bundle.rules.filter((rule) => rule.regime === regime));
  return [
    '| rule | what it says | source |',
    '|---|---|---|',
    ...rules.map((rule) => `| ${linked(rule)} | ${inACell(readAloud(bundle, rule))} | ${inACell(rule.source)} |`),
  ];
}

function promises(bundle: Bundle, regime: RegimeName): readonly string[] {
  const own = inOrder(bundle.promises.filter((promise) => promise.regime === regime));
  if (own.length === 0) return [];
  return [
    '',
    '| promise | what it says |',
    '|---|---|',
    ...own.map((promise) => `| ${inACell(promise.name)} | ${inACell(readPromiseAloud(bundle, promise))} |`),
  ];
}

function treatments({ regimes }: Bundle, regime: RegimeName): readonly string[] {
  const own = regimes.get(regime)?.treatments ?? [];
  return own.length === 0 ? [] : ['', ...own.map((treatment) => `- ${readTreatmentAloud(treatment)}`)];
}

/** As they stand in their files, whatever order the files came in. */
function inOrder<Kind extends Rule | PolicyPromise>(all: readonly Kind[]): readonly Kind[] {
  return all.toSorted(
    ({ place: a }, { place: b }) => Number(a.path > b.path) - Number(a.path < b.path) || a.line - b.line,
  );
}

function linked({ name, place: { path } }: Rule): string {
  return `[${name}](${path.slice(path.indexOf('/') + 1)})`;
}

function inACell(text: string): string {
  return text.replaceAll('|', '\\|');
}
