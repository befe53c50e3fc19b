import { type Fact, FULL, levelName, UNKNOWN, type Vocabulary } from '#terms';
import {
  type Bundle,
  type Conjunction,
  type FactTest,
  type PolicyPromise,
  type Rule,
  type Treatment,
} from './bundle.js';
import { needsAShareOfItsOwn } from './select-fields.js';

/**
 * A rule as a sentence, in the words of the vocabulary, from what was understood and not from what was typed: an officer
 * who hears it hears what will be decided.
 *
 * @example
 * readAloud(bundle, rule);
 * // 'Share all of identity with police or court, for emergency or treatment, when she has said of it: agreed.'
 */
export function readAloud({ vocabulary }: Bundle, rule: Rule): string {
  const opens = rule.kind === 'share';
  const said = new Reading(vocabulary, opens);
  const { when, any, unless } = rule.conditions;
  return [
    opens && rule.lastResort ? 'As a last resort, ' : '',
    opens ? `${opens && rule.lastResort ? 'share' : 'Share'} ${said.fields(rule)}` : said.cut(rule),
    said.when(when, any),
    said.unless(unless),
    '.',
    opens && rule.namesSender ? ' Whoever gets something by it may learn who answered.' : '',
    opens && rule.tellUpon.length > 0
      ? ` Tell them so when there is a change of ${listed(
          rule.tellUpon.map((field) => said.field(field)),
          'or',
        )}.`
      : '',
    rule.duties.length > 0
      ? ` With it: ${rule.duties.map((duty) => lowered(vocabulary.duties.get(duty)?.title ?? duty)).join('; ')}.`
      : '',
    rule.alert ? ' Where it decides, a person at the agency that holds the data is told.' : '',
  ].join('');
}

/** A promise as a sentence. */
export function readPromiseAloud({ vocabulary }: Bundle, promise: PolicyPromise): string {
  const never = promise.kind === 'never share';
  const said = new Reading(vocabulary, !never);
  const { when, any, unless } = promise.conditions;
  const what = never
    ? `${promise.byLastResort ? 'Breaking the glass never shares' : 'Never share'} ${listed(said.whole([...promise.fields], true), 'or')}`
    : `Always share ${said.fields(promise)}`;
  return `${what}${said.when(when, any)}${said.unless(unless)}.`;
}

/** As whom a regime treats whom. */
export function readTreatmentAloud({ role, purposes, as }: Treatment): string {
  const what =
    purposes === 'everything else' ? 'for every other purpose' : `for ${listed([...purposes].map(plain), 'or')}`;
  return `Treat whoever is ${plain(role)} as ${plain(as)}, ${what}.`;
}

type Levelled = { readonly fields: ReadonlyMap<string, number> };

class Reading {
  private readonly vocabulary: Vocabulary;
  private readonly opens: boolean;

  constructor(vocabulary: Vocabulary, opens: boolean) {
    this.vocabulary = vocabulary;
    this.opens = opens;
  }

  /** Each level apart, the fullest first; what is excepted last, so that nothing said after it sounds excepted too. */
  fields({ fields }: Levelled): string {
    const full: string[] = [];
    const parts: string[] = [];
    for (const [name, level] of fields) {
      const field = this.vocabulary.fields.get(name as never);
      if (field === undefined) continue;
      if (level >= FULL(field)) full.push(name);
      else parts.push(`${this.field(name)} up to ${plain(levelName(field, level as never))}`);
    }
    const whole = this.whole(full, false);
    return listed(whole.at(-1)?.startsWith('everything except') ? [...parts, ...whole] : [...whole, ...parts], 'and');
  }

  cut({ fields }: Levelled): string {
    const whole = [...fields].filter(([, level]) => level === 0).map(([name]) => name);
    const parts = [...fields]
      .filter(([, level]) => level > 0)
      .map(([name, level]) => {
        const field = this.vocabulary.fields.get(name as never);
        return `${this.field(name)} to more than ${field === undefined ? '' : plain(levelName(field, level as never))}`;
      });
    return `Never share ${listed([...this.whole(whole, true), ...parts], 'or')}`;
  }

  /** Whole categories by their names, all of them as everything, the rest field by field. */
  whole(names: readonly string[], asLimit: boolean): readonly string[] {
    const left = new Set(names);
    const all = [...this.vocabulary.fields.values()].filter((field) => asLimit || !needsAShareOfItsOwn(field));
    const without = all.filter(({ name }) => !left.has(name)).map(({ name }) => this.field(name));
    if (without.length <= 3) {
      const alone = names.filter((name) => !all.some((field) => field.name === name)).map((name) => this.field(name));
      const everything = asLimit ? 'anything' : 'everything';
      if (without.length === 0) return [everything, ...alone];
      return [...alone, `${everything} except ${listed(without, 'and')}`];
    }
    const parts: string[] = [];
    for (const category of this.vocabulary.categories.keys()) {
      const held = all.filter((field) => field.category === category);
      if (held.length < 2 || !held.every(({ name }) => left.has(name))) continue;
      for (const { name } of held) left.delete(name);
      parts.push(`${asLimit ? 'any' : 'all'} of ${plain(category)}`);
    }
    return [...parts, ...[...left].map((name) => this.field(name))];
  }

  field(name: string): string {
    return `“${this.vocabulary.fields.get(name as never)?.title ?? name}”`;
  }

  when(when: Conjunction, any: readonly Conjunction[]): string {
    const sector = when.facts.filter(({ fact, words }) => fact === 'sector' && !words.has(UNKNOWN));
    const others = when.facts.filter((test) => !sector.includes(test));
    const clauses = this.clauses({ facts: others, ...(when.consent && { consent: when.consent }) }, this.opens);
    const branches = any.map((branch) => this.clauses(branch, this.opens));
    const conditions = [...clauses, ...(branches.length > 0 ? [alternatives(branches, 'or', 'either ')] : [])];
    return [
      ...sector.map(({ words }) => ` with ${listed([...words].map(plain), 'or')}`),
      ...(when.purposes ? [`, for ${listed([...when.purposes.words].map(plain), 'or')}`] : []),
      ...(conditions.length > 0 ? [`, when ${listed(conditions, 'and')}`] : []),
    ].join('');
  }

  unless(unless: readonly Conjunction[]): string {
    const exceptions = unless.map((exception) => this.clauses(exception, !this.opens));
    return exceptions.length === 0 ? '' : `, unless ${alternatives(exceptions, 'or unless')}`;
  }

  private clauses({ facts, purposes, consent }: Conjunction, opens: boolean): readonly string[] {
    return [
      ...facts.map((test) => this.fact(test, opens)),
      ...(purposes ? [`the purpose is ${listed([...purposes.words].map(plain), 'or')}`] : []),
      ...(consent ? [this.filled('consent', this.consentWords(consent))] : []),
    ];
  }

  /** `inert` goes along with `not_asked` unheard, as it does when a rule is read. */
  private consentWords(consent: ReadonlySet<string>): readonly string[] {
    return [...consent].filter((state) => !(state === 'inert' && consent.has('not_asked'))).map(plain);
  }

  private fact(test: FactTest, opens: boolean): string {
    const fact = this.vocabulary.facts.get(test.fact);
    if (fact === undefined) return plain(test.fact);
    const words = [...test.words].filter((word) => word !== UNKNOWN);
    return sayFact(fact, words, test.unknownMeets && (!opens || fact.kind === 'yes/no'));
  }

  private filled(name: string, words: readonly string[]): string {
    return filled(name, this.vocabulary.facts.get(name as never)?.aloud, words);
  }
}

/**
 * That a fact has one of these words, or nobody knows.
 *
 * @example sayFact(age, ['under 13', '13 to 15'], true) // 'the age is under 16 or unknown'
 */
export function sayFact(fact: Fact, words: readonly string[], isUnknown: boolean): string {
  if (fact.kind === 'yes/no') return yesOrNo(fact, words, isUnknown);
  const spoken = bandsAsOne(fact, words).map(plain);
  return filled(fact.name, fact.aloud, isUnknown ? [...spoken, UNKNOWN] : spoken);
}

function filled(name: string, aloud: string | undefined, words: readonly string[]): string {
  return (aloud ?? `${plain(name)} is …`).replace('…', listed(words, 'or'));
}

function yesOrNo(fact: Fact, words: readonly string[], unknown: boolean): string {
  const so = lowered(fact.title);
  const [word, second] = words;
  if (word === undefined) return `nobody knows whether ${so}`;
  if (second !== undefined) return unknown ? `it matters not whether ${so}` : `somebody knows whether or not ${so}`;
  if (word === 'yes') return unknown ? `it is not ruled out that ${so}` : `it is known that ${so}`;
  return unknown ? `it is not known that ${so}` : `it is ruled out that ${so}`;
}

/** Bands that follow each other are one stretch: `under 18`, not `under 13, 13 to 15 or 16 to 17`. */
function bandsAsOne({ thresholds, values }: Fact, words: readonly string[]): readonly string[] {
  if (thresholds === undefined) return words;
  const places = words.map((word) => values.indexOf(word)).toSorted((a, b) => a - b);
  const [first, last] = [places[0], places.at(-1)];
  if (first === undefined || last === undefined || last - first !== places.length - 1) return words;
  if (first === 0 && last === values.length - 1) return ['any'];
  if (first === 0) return [`under ${thresholds[last]}`];
  if (last === values.length - 1) return [`${thresholds[first - 1]} and over`];
  return [`${thresholds[first - 1]} to ${(thresholds[last] ?? 0) - 1}`];
}

/** Words of the vocabulary as people say them. */
export function plain(word: string): string {
  return word.replaceAll('_', ' ');
}

function lowered(title: string): string {
  return title.charAt(0).toLowerCase() + title.slice(1);
}

/** Where one of them is several clauses, a comma keeps apart what is an alternative and what holds besides. */
function alternatives(all: readonly (readonly string[])[], or: 'or' | 'or unless', before = ''): string {
  const said = all.map((clauses) => listed(clauses, 'and'));
  return all.every(({ length }) => length === 1)
    ? listed(said, 'or', before)
    : `${said.length > 1 ? before : ''}${said.join(`, ${or} `)}`;
}

function listed(parts: readonly string[], last: 'and' | 'or', before = ''): string {
  if (parts.length < 2) return parts.join('');
  return `${before}${parts.slice(0, -1).join(', ')} ${last} ${parts.at(-1)}`;
}
