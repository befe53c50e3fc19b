import { type Fact, type Field, levelName, NOTHING, type RegimeName, UNKNOWN } from '#terms';
import { plain, sayFact } from '../read-aloud.js';
import type { Stretch } from './cover.js';
import { agreedTo, type Choice, UNSAID } from './space.js';

/**
 * A stretch of situations as an officer would say it, of one field. Which regimes bind the data is said apart: `boundBy`.
 *
 * @example inWords(stretch, field) // 'for emergency; the agency that asks is of the sector police or health'
 */
export function inWords(stretch: Stretch, field: Field): string {
  const inOrder = [...stretch].toSorted(([a], [b]) => a.place - b.place);
  const parts: string[] = [];
  const told = new Set<Fact>();
  for (const [choice, values] of inOrder) {
    const { subject } = choice;
    if (subject.kind === 'regime') continue;
    if (subject.kind !== 'word') {
      // That a list is known goes without saying where a word of it is named.
      if (subject.kind !== 'known' || wordsNamed(stretch, subject.fact).length === 0)
        parts.push(
          said(
            choice,
            [...values].toSorted((a, b) => a - b),
            field,
          ),
        );
    } else if (!told.has(subject.fact)) {
      told.add(subject.fact);
      parts.push(wordsSaid(stretch, subject.fact));
    }
  }
  return parts.join('; ');
}

/**
 * Which regimes bind the data. `bound`: these do; `perhaps`: these may or may not; any other of `all` does not.
 *
 * @example boundBy(['us-health'], ['us-substance-use'], all) // 'bound by us-health, alone or with us-substance-use'
 */
export function boundBy(
  bound: readonly RegimeName[],
  perhaps: readonly RegimeName[],
  all: readonly RegimeName[],
): string {
  // Where there is but one regime, or it makes no difference which, nobody needs to be told.
  if (all.length < 2 || perhaps.length === all.length) return '';
  const others = all.filter((name) => !bound.includes(name) && !perhaps.includes(name));
  const head = bound.length === 0 ? '' : `bound by ${joined(bound, 'and')}`;
  if (perhaps.length === 0) {
    if (bound.length === 0) return 'bound by no regime that is here';
    return others.length === 0 ? head : `${head} ${bound.length === 1 ? 'alone' : 'and no other'}`;
  }
  if (others.length === 0) return `${head}, whatever else binds it`;
  if (bound.length === 0) return `not bound by ${listed(others)}`;
  return perhaps.length <= others.length
    ? `${head}, alone or with ${listed(perhaps)}`
    : `${head}, and not by ${listed(others)}`;
}

function wordsNamed(stretch: Stretch, fact: Fact): readonly (readonly [word: string, isThere: boolean])[] {
  return [...stretch].flatMap(([{ subject }, values]) =>
    subject.kind === 'word' && subject.fact.name === fact.name ? [[subject.word, values.has(1)] as const] : [],
  );
}

function wordsSaid(stretch: Stretch, fact: Fact): string {
  const named = wordsNamed(stretch, fact);
  const there = named.filter(([, isThere]) => isThere).map(([word]) => plain(word));
  const absent = named.filter(([, isThere]) => !isThere).map(([word]) => word);
  const includes = there.length > 0 ? [`includes ${there.join(' and ')}`] : [];
  if (absent.length === 1) includes.push(`does not include ${listed(absent)}`);
  if (absent.length > 1)
    includes.push(`includes neither ${absent.slice(0, -1).map(plain).join(', ')} nor ${plain(absent.at(-1) ?? '')}`);
  return `${plain(fact.name)} ${includes.join(' and ')}`;
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
      // A purpose that the vocabulary does not have is not one that somebody asks for.
      return `for ${fewer(values.filter(isKnown), all.filter(isKnown)) || 'a purpose that there is not'}`;
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

function isKnown(word: string): boolean {
  return word !== UNKNOWN;
}

function fewer(values: readonly string[], all: readonly string[]): string {
  const without = all.filter((value) => !values.includes(value));
  return without.length < values.length && without.length > 0 ? `anything but ${listed(without)}` : listed(values);
}

function listed(words: readonly string[]): string {
  return joined(words.map(plain), 'or');
}

function joined(words: readonly string[], last: 'and' | 'or'): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
}
