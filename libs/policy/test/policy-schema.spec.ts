import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { parseDocument } from 'yaml';
import { type Word, WORDS, wordsOf } from '../src/grammar.js';
import { languagePage } from '../src/language-page.js';
import { policySchema } from '../src/policy-schema.js';
import { written } from './plain-policy.js';
import { randomBundle } from './random-policy.js';
import { POLICIES, shippedFiles } from './shipped-policies.js';
import { smallBundle, vocabulary } from './small-policies.js';
import { WRONG } from './wrong-policies.js';

const schema = policySchema(vocabulary);
const validate = new Ajv2020.default({ allErrors: false, strict: false }).compile(schema);

/** As an editor reads it: YAML 1.2, in which 14 is a number and yes a word. */
function accepts(text: string): boolean {
  const document = parseDocument(text, { schema: 'core', logLevel: 'silent' });
  return document.errors.length === 0 && validate(document.toJS());
}

const shippedText = (name: string): string => readFileSync(join(POLICIES, name), 'utf8');

describe('the schema for editors', () => {
  it('is the one that is shipped (npm run policy-schema)', () => {
    expect(JSON.parse(shippedText('policy.schema.json'))).toEqual(JSON.parse(JSON.stringify(schema)));
  });

  it.each(shippedFiles().map(({ path, text }) => [path, text] as const))('accepts %s', (_, text) => {
    expect(accepts(text) ? [] : validate.errors).toEqual([]);
  });

  it('accepts every policy that is read whole', () => {
    const property = fc.property(randomBundle(vocabulary), (plain) =>
      written(plain).every(({ path, text }) => accepts(text) || fc.pre(path === '')),
    );
    expect(fc.defaultReportMessage(fc.check(property, { numRuns: 60 }))).toBeUndefined();
  });

  /** What hangs together across lines, or needs more than a pattern: only reading the policies whole sees it. */
  const LEFT_TO_THE_PARSER = [
    'unknown in a share',
    "unknown in a limit's exception",
    'known in a share',
    "known in a share's exception",
    'a share in core',
    'one name twice',
    'a field at two levels',
    'checked on no day',
    'told upon what it does not share',
    'treated as themselves',
    'treated twice for one purpose',
    'treated twice for everything else',
    'a category that a share cannot reach',
    "another regime's promise",
    'an alias',
    'a YAML tag',
    'two documents',
    'an invisible character',
    'an invisible character in a comment',
    'an invisible character by its number',
    'half a character',
    'an exception of an exception',
    'somebody of no name',
    'two columns of one name',
    'a regime called otherwise',
    'a case like nobody',
    'a case without a purpose',
    'a case of core without origins',
    'a row that is too short',
    'a table that expects nothing',
  ];

  it('refuses what is wrong, but for what only reading it whole shows', () => {
    expect(WRONG.filter(([, text]) => accepts(text)).map(([what]) => what)).toEqual(LEFT_TO_THE_PARSER);
  });
});

describe('the page of every word', () => {
  const page = languagePage(vocabulary);

  it('is the one that is shipped (npm run policy-schema)', () => {
    expect(shippedText('LANGUAGE.md')).toBe(page);
  });

  it('has each word of the parser, and each of the vocabulary', () => {
    for (const where of Object.keys(WORDS) as (keyof typeof WORDS)[])
      for (const word of wordsOf(where) as readonly string[]) expect(page).toContain(`**${word}** — `);
    const words = [vocabulary.facts, vocabulary.purposes, vocabulary.duties, vocabulary.tags, vocabulary.categories];
    for (const word of words.flatMap((some) => [...some.keys()])) expect(page).toContain(`| \`${word}\``);
  });

  const examples = (Object.keys(WORDS) as (keyof typeof WORDS)[]).flatMap((where) =>
    Object.entries<Word>(WORDS[where]).map(([word, { example }]) => [where, word, example] as const),
  );

  it.each(examples)('gives of %s an example of `%s` that can be read', (where, _, example) => {
    const { path, text } = around(where, example);
    expect(() => smallBundle({ [path]: text })).not.toThrow();
    expect(accepts(text)).toBe(true);
  });
});

function item(lines: readonly string[]): string {
  return lines
    .flatMap((line) => line.split('\n'))
    .map((line, index) => (index === 0 ? `- ${line}` : `  ${line}`))
    .join('\n');
}

/** The example with what it leaves out put in. */
function around(where: keyof typeof WORDS, example: string): { readonly path: string; readonly text: string } {
  const keys = new Set(example.split('\n').map((line) => line.split(':', 1)[0] ?? ''));
  const missing = (lines: { readonly [key: string]: string }): string[] =>
    Object.entries(lines)
      .filter(([key]) => !keys.has(key))
      .map(([key, value]) => `${key}: ${value}`);
  switch (where) {
    case 'a file of rules':
      return { path: 'us-health/x.yaml', text: example };
    case 'a promise': {
      const kind: { readonly [key: string]: string } =
        keys.has('always share') || keys.has('never share') ? {} : { 'never share': 'identity' };
      return {
        path: 'us-health/x.yaml',
        text: `promises:\n${item([...missing({ promise: 'It holds', ...kind }), example])}`,
      };
    }
    case 'a regime':
    case '`governs`':
    case '`treated as`': {
      const lines = { regime: 'us-health', title: 'Health', governs: '[{origins: enrolled here, fields: everything}]' };
      return { path: 'us-health/regime.yaml', text: [...missing(lines), example].join('\n') };
    }
    case 'a file of cases':
      return { path: 'us-health/x.cases.yaml', text: example };
    case 'a table': {
      const lines = {
        table: 'A table',
        given: '{purpose: treatment}',
        columns: '[sector, identity]',
        rows: '[[health, nothing]]',
      };
      return { path: 'us-health/x.cases.yaml', text: `cases:\n${item([...missing(lines), example])}` };
    }
    case 'a case':
    case '`expect`':
    case '`given`': {
      const lines = { case: 'A case', given: '{purpose: treatment}', expect: '{everything else: nothing}' };
      const text = `people: {doctor: {purpose: treatment}}\ncases:\n${item([...missing(lines), example])}`;
      return { path: 'us-health/x.cases.yaml', text };
    }
    case 'a rule':
    case '`checked`':
    case 'fields':
    case 'conditions':
    case 'words of a fact':
    case 'consent': {
      const has = ['share', 'at most', 'withhold'].some((effect) => keys.has(effect));
      return {
        path: 'us-health/x.yaml',
        text: `rules:\n${item([...missing({ rule: 'a', ...(!has && { share: '[identity]' }) }), example])}`,
      };
    }
  }
}
