import type { Coverage, CoverageBesides, StruckBesides, Unnoticed } from '#policy';
import { counted } from './counted.js';

/** What no case and no promise would notice, rule by rule. */
export function coverageInWords({ deletions, unnoticed, withoutEffect, stopped }: Coverage): readonly string[] {
  const lines = [
    `of ${counted(deletions, 'deletion')} that would change what leaves, cases and promises notice ${deletions - unnoticed.length}`,
  ];
  for (const [rule, own] of Map.groupBy(unnoticed, ({ rule: id }) => id)) {
    const fields = own.flatMap(({ what }) => (what.kind === 'field' ? [what.field] : []));
    const parts = own.flatMap(({ what }) => (what.kind === 'field' ? [] : [inWords(what)]));
    if (fields.length > 0) parts.push(someOf(fields));
    lines.push(`    ${own[0]?.place.path}:${own[0]?.place.line}: ${rule}: nobody would miss ${parts.join('; ')}`);
  }
  if (withoutEffect > 0)
    lines.push(`${counted(withoutEffect, 'further deletion')} would change nothing that leaves, in any situation`);
  if (stopped !== undefined)
    lines.push(
      `only the first ${stopped.lookedAt} of ${counted(stopped.of, 'rule')} were looked at: the others are too many or too intricate, and nothing is known of them`,
    );
  return lines;
}

/** Enough to begin with; `--json` has them all. */
const SHOWN = 6;

function someOf(fields: readonly string[]): string {
  const others = fields.length - SHOWN;
  return others < 2 ? fields.join(', ') : `${fields.slice(0, SHOWN).join(', ')} and ${counted(others, 'other field')}`;
}

function inWords(what: Exclude<Unnoticed['what'], { readonly kind: 'field' }>): string {
  switch (what.kind) {
    case 'level':
      return `that it goes no further than a level of \`${what.field}\``;
    case 'names sender':
      return '`names sender`';
    case 'rule':
      return 'the whole rule';
    case 'exception':
      return `exception ${what.number} of its \`unless\``;
    case 'alternative':
      return `alternative ${what.number} of its \`when any\``;
    case 'value':
      return `\`${what.of}: ${what.word}\` in ${what.where}`;
    default:
      return what satisfies never;
  }
}

/** What comes with an answer, and what regimes govern: of these too, what nobody would miss. */
export function besidesInWords({ deletions, unnoticed, withoutEffect, stopped }: CoverageBesides): readonly string[] {
  return [
    `of ${counted(deletions, 'deletion')} of duties, wordings, alerts and of what regimes govern, they notice ${deletions - unnoticed.length}`,
    ...[...Map.groupBy(unnoticed, ({ of }) => of)].map(
      ([of, own]) =>
        `    ${own[0]?.place.path}:${own[0]?.place.line}: ${of}: nobody would miss ${own.map(({ what }) => besideInWords(what)).join('; ')}`,
    ),
    ...(withoutEffect > 0
      ? [`${counted(withoutEffect, 'further deletion')} of these would change nothing, in any situation`]
      : []),
    ...(stopped ? ['these were too many or too intricate to look at all of them; of the others nothing is known'] : []),
  ];
}

function besideInWords(what: StruckBesides['what']): string {
  switch (what.kind) {
    case 'duty':
      return `the duty \`${what.word}\``;
    case 'tell upon':
      return `\`tell upon: ${what.word}\``;
    case 'say':
    case 'alert':
    case 'last resort':
      return `its \`${what.kind}\``;
    case 'governs':
    case 'treated as':
      return `entry ${what.number} of its \`${what.kind}\``;
    case 'governed field':
      return `\`${what.field}\` in entry ${what.number} of its \`governs\``;
    case 'under':
      return `\`${what.word}\` under which entry ${what.number} governs`;
    case 'purpose of treated as':
      return `the purpose \`${what.word}\` in entry ${what.number} of its \`treated as\``;
    default:
      return what satisfies never;
  }
}
