import type { Draw } from './draw.js';

/** What people and programs have put into YAML to make its readers trip; short ones, to be put anywhere. */
export const NASTY: readonly string[] = [
  // Words that some readers take for something else.
  ['yes', 'no', 'on', 'off', 'y', 'n', 'true', 'False', 'null', '~', '.nan', '.inf', '-.Inf', '1e999', '-0', '0x1F'],
  ['0o17', '017', '1_000', '12:30:45', '2026-02-30', '2026-03-01', '2001-12-14t21:59:43.10-05:00', '=', '<<'],
  ['9007199254740993', '1e-400', '0.1', '+1', '1,000', 'NaN', 'Infinity', 'undefined', '[object Object]'],
  // Names that objects are born with.
  ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__', 'then'],
  // Marks of YAML, in places where they do not belong.
  ['&a ', '*a', '&a &b ', '!!str ', '!!map ', '!!binary ', '!<tag:yaml.org,2002:set> ', '!local ', '<<: ', '<<: *a'],
  ['---\n', '...\n', '%YAML 1.1\n---\n', '%TAG ! tag:x,2000:\n---\n', '? ', ': ', '- ', '|\n', '>-\n', '|+2\n', '#'],
  ['[', ']', '{', '}', ',', '"', "'", '\\', '`', '@', '%', '\n', '\n\n', '\n  ', '\n- ', '\t', '\r\n', '\r', '  '],
  ['"\\u202e"', '"\\ud800"', '"\\x00"', '"\\U0001F600"', '"\\uD83D"', '"a\\\n  b"', "''", '""', '[]', '{}', '[[]]'],
  ['[a, [b, [c]]]', '{a: {b: {c: d}}}', '{? a : b}', '{a}', '[a: b]', '- - - a', '? - a\n: - b'],
  // Characters that cannot be seen, or that look like others.
  ['\u0000', '\u0007', '\u001b[2J', '\u007f', '\u0085', '\u00a0', '\u00ad', '\u034f', '\u061c', '\u115f', '\u180e'],
  ['\u200b', '\u200c', '\u200d', '\u200e', '\u2028', '\u2029', '\u202a', '\u202e', '\u2066', '\u2069', '\u2060'],
  ['\u2800', '\u3164', '\ufe0f', '\ufeff', '\ufff9', '\uffff', '\ud800', '\udc00', '\u{e0041}', '\u{1d41a}', 'ſ', 'İ'],
  ['а', 'е', 'о', 'с', 'р', 'х', 'і', 'ѕ', 'ο', 'ν', 'ı', 'ａ', '：', '－', '“', '’', '–', 'e\u0301', 'ﬁ'],
  ['\u0301'.repeat(30), 'a'.repeat(300)],
  // The language's own words, elsewhere.
  [
    'everything',
    'everything except ',
    'everything tagged ',
    'everything else',
    'known ',
    'unknown',
    'none',
    'under 18',
  ],
  ['99 and over', '18 to 13', 'agreed to ', 'nobody yet', 'every agency', 'purpose', 'consent', 'like', 'last resort'],
  ['core', 'us-health', 'identity', 'person.birth_date', 'envelope.sender', 'service.enrolment', 'subject_role'],
].flat();

/** Whole pages, each built to cost more than it seems to. `size` is about how many times the mark repeats. */
export const NASTY_PAGES: readonly ((size: number) => string)[] = [
  (size) => '['.repeat(size),
  (size) => '{a: '.repeat(size),
  (size) => '- '.repeat(size),
  (size) => '? '.repeat(size),
  (size) => '[[],'.repeat(size),
  (size) => ']'.repeat(size),
  (size) => '- @\n'.repeat(size),
  (size) => '---\n'.repeat(size),
  (size) => '%A b\n'.repeat(size),
  (size) => '# a\n'.repeat(size),
  (size) => '\n'.repeat(size),
  (size) => 'a: b: c\n'.repeat(size),
  (size) => 'a'.repeat(size * 4),
  (size) => `"${'\\u0041'.repeat(size)}"`,
  (size) => `a: |\n${'  a\n'.repeat(size)}`,
  (size) => Array.from({ length: Math.min(size, 400) }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
  (size) =>
    Array.from({ length: Math.min(size, 60) }, (_, depth) => `${' '.repeat(24 * depth)}${'- '.repeat(12)}`).join('\n'),
  (size) => Array.from({ length: size }, (_, key) => `${key.toString(36)}: v`).join('\n'),
  (size) => 'a: v\n'.repeat(size),
  (size) =>
    `a: &a [x, x]\n${Array.from({ length: Math.min(size, 30) }, (_, i) => `b${i}: &b${i} [*${i === 0 ? 'a' : `b${i - 1}`}, *a]`).join('\n')}`,
  (size) => `rules:\n${Array.from({ length: size }, (_, i) => `- {rule: r${i}, share: [identity]}`).join('\n')}`,
  (size) => `rules:\n${'- {rule: r, share: [identity]}\n'.repeat(size)}`,
  (size) => `rules:\n- {rule: a, withhold: [${'everything except '.repeat(size)}identity]}`,
  (size) => `rules:\n- {rule: a, withhold: ["everything except [${'everything, '.repeat(size)}identity]"]}`,
  (size) => `rules:\n- {rule: a, share: [${'identity, '.repeat(size)}identity]}`,
  (size) => `rules:\n- {rule: a, share: [identity], unless: [${'{risk: high}, '.repeat(size)}{risk: high}]}`,
  (size) =>
    `rules:\n- {rule: a, share: [identity], when: {${Array.from({ length: size }, (_, i) => `x${i}: yes`).join(', ')}}}`,
  (size) => `regime: us-health\ntitle: T\ngoverns:\n${'- {origins: enrolled here, fields: everything}\n'.repeat(size)}`,
  (size) => `cases:\n${'- {case: c, given: {purpose: treatment}, expect: {everything else: nothing}}\n'.repeat(size)}`,
  (size) =>
    `cases:\n- table: t\n  given: {purpose: treatment}\n  columns: [everything]\n  rows:\n${'  - [nothing]\n'.repeat(size)}`,
  (size) => `{purpose: treatment, consent: {${'location: agreed, '.repeat(size)}identity: agreed}}`,
];

/** A page now and then, and seldom a large one: most runs should be quick. */
export function nastyPage(draw: Draw): string {
  const size = draw.chance(0.02) ? 20_000 : 1 + draw.below(draw.chance(0.1) ? 1_000 : 40);
  return draw.one(NASTY_PAGES)(size);
}
