import { type Vocabulary } from '#terms';
import { WORDS } from './grammar.js';

const HEADINGS: { readonly [Where in keyof typeof WORDS]: string } = {
  'a file of rules': 'A file of rules',
  'a rule': 'A rule',
  '`checked`': 'Who checked it',
  fields: 'Which fields',
  conditions: 'What must be so',
  'words of a fact': 'Words of a fact',
  consent: 'What she has said',
  'a promise': 'A promise',
  'a regime': 'A regime',
  '`governs`': 'What a regime governs',
  '`treated as`': 'Who is treated as whom',
  'a file of cases': 'A file of cases',
  'a case': 'A case',
  '`expect`': 'What else to expect',
  'a table': 'A table of cases',
  '`given`': 'What is given',
};

/** The page of every word, for officers: `policies/LANGUAGE.md`. */
export function languagePage(vocabulary: Vocabulary): string {
  const lines = [
    '# Every word of the language',
    '',
    'What each word means and how it is written. Made from the tables that the policies are read by: `npm run policy-schema`',
    'writes this page and `policy.schema.json`, by which an editor completes and checks while you write.',
    '',
    'Keys within a map all hold; values in a list are alternatives. Unknown opens nothing and meets every limit.',
  ];
  for (const [where, words] of Object.entries(WORDS)) {
    lines.push('', `## ${HEADINGS[where as keyof typeof WORDS]}`);
    for (const [word, { means, example }] of Object.entries(
      words as { readonly [word: string]: { readonly means: string; readonly example: string } },
    ))
      lines.push('', `**${word}** — ${means}`, '', '```yaml', example, '```');
  }
  lines.push('', '## Facts', '', '| fact | words | until somebody speaks |', '| --- | --- | --- |');
  for (const { name, title, values, ifNobodyHasSaid } of vocabulary.facts.values())
    lines.push(
      `| \`${name}\`: ${title} | ${values.join(', ')} | ${typeof ifNobodyHasSaid === 'string' ? ifNobodyHasSaid : 'none'} |`,
    );
  for (const [heading, named] of [
    ['Purposes', vocabulary.purposes],
    ['Duties', vocabulary.duties],
    ['Tags', vocabulary.tags],
    ['Categories', vocabulary.categories],
  ] as const) {
    lines.push('', `## ${heading}`, '', '| word | |', '| --- | --- |');
    for (const [word, { title }] of named) lines.push(`| \`${word}\` | ${title} |`);
  }
  lines.push('', '## Levels', '', '| kind of field | least to most |', '| --- | --- |');
  for (const [kind, scale] of vocabulary.scales) lines.push(`| ${kind} | ${scale.join(', ')} |`);
  return `${lines.join('\n')}\n`;
}
