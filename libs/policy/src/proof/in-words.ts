import { type Field, levelName, NOTHING, UNKNOWN } from '#terms';
import { plain, sayFact } from '../read-aloud.js';
import type { Stretch } from './cover.js';
import { agreedTo, type Choice, UNSAID } from './space.js';

/**
 * A stretch of situations as an officer would say it, of one field.
 *
 * @example inWords(stretch, field) // 'for emergency; the agency that asks is of the sector police or health'
 */
export function inWords(stretch: Stretch, field: Field): string {
  const parts = [...stretch]
    .toSorted(([a], [b]) => a.place - b.place)
    .flatMap(([choice, values]) => {
      // That a list is known goes without saying where a word of it is named.
      if (choice.subject.kind === 'known' && namesAWord(stretch, choice)) return [];
      return [
        said(
          choice,
          [...values].toSorted((a, b) => a - b),
          field,
        ),
      ];
    });
  return parts.length === 0 ? 'always' : parts.join('; ');
}

function namesAWord(stretch: Stretch, { subject }: Choice): boolean {
  return [...stretch.keys()].some(
    ({ subject: other }) => other.kind === 'word' && subject.kind === 'known' && other.fact.name === subject.fact.name,
  );
}

function said({ subject, values: all }: Choice, chosen: readonly number[], field: Field): string {
  const values = chosen.map((index) => all[index]!);
  const isYes = values[0] === 'yes';
  switch (subject.kind) {
    case 'elsewhere':
      return isYes ? 'bound by a regime that is not here' : 'bound by regimes that are here';
    case 'regime':
      return isYes ? `bound by ${subject.regime}` : `not bound by ${subject.regime}`;
    case 'purpose':
      return `for ${fewer(values, all)}`;
    case 'fact': {
      const { fact } = subject;
      if (values.includes(UNSAID)) return `of ${plain(fact.name)}: ${listed(values)}`;
      const words = values.filter((value) => value !== UNKNOWN);
      const isUnknown = words.length < values.length;
      if (values.length * 2 <= all.length || fact.kind !== 'one of') return sayFact(fact, words, isUnknown);
      return `${plain(fact.name)} is ${fewer(values, all)}`;
    }
    case 'known':
      return values.includes('known')
        ? `${plain(subject.fact.name)} is known`
        : `${plain(subject.fact.name)} is unknown`;
    case 'word':
      return `${plain(subject.fact.name)} ${isYes ? 'includes' : 'does not include'} ${plain(subject.word)}`;
    case 'consent': {
      const of = subject.of === 'the field' ? 'it' : subject.of;
      return `she has said of ${of}: ${listed(consentWords(values, all, field))}`;
    }
    default:
      return subject satisfies never;
  }
}

/** Agreements from a level on are one. */
function consentWords(values: readonly string[], all: readonly string[], field: Field): readonly string[] {
  const agreed = values.map(agreedTo).filter((level) => level > NOTHING && level < field.scale.length);
  const possible = all.map(agreedTo).filter((level) => level > NOTHING && level < field.scale.length);
  const others = values.filter((value) => agreedTo(value) === NOTHING);
  const [least] = agreed;
  if (least === undefined) return others;
  if (agreed.length === possible.length) return ['agreed', ...others];
  const isFrom = agreed.length === possible.filter((level) => level >= least).length;
  return [
    ...(isFrom
      ? [`agreed to ${levelName(field, least)}${agreed.length > 1 ? ' or more' : ''}`]
      : agreed.map((level) => `agreed to ${levelName(field, level)}`)),
    ...others,
  ];
}

function fewer(values: readonly string[], all: readonly string[]): string {
  const without = all.filter((value) => !values.includes(value));
  return without.length < values.length && without.length > 0 ? `anything but ${listed(without)}` : listed(values);
}

function listed(words: readonly string[]): string {
  const spoken = words.map(plain);
  return spoken.length < 2 ? spoken.join('') : `${spoken.slice(0, -1).join(', ')} or ${spoken.at(-1)}`;
}
