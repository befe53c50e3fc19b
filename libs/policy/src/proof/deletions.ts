import { type FieldName, FULL, UNKNOWN, type Vocabulary } from '#terms';
import type { Conditions, Conjunction, FactTest, Rule } from '../bundle.js';
import type { ConsentState } from '../situation.js';

/** Something that could be struck out of a rule, and what would be left of it. */
export interface Deletion {
  readonly what:
    | { readonly kind: 'rule' }
    | { readonly kind: 'exception'; readonly number: number }
    | { readonly kind: 'alternative'; readonly number: number }
    /** `of`: a fact, `purpose` or `consent`. The last word of it takes its condition along. */
    | { readonly kind: 'value'; readonly of: string; readonly word: string; readonly where: string }
    | { readonly kind: 'field'; readonly field: FieldName }
    /** Up to which a share goes of a field: without it, all the way. */
    | { readonly kind: 'level'; readonly field: FieldName }
    | { readonly kind: 'names sender' };
  /** Nothing where the whole rule went. */
  readonly left: Rule | undefined;
}

/**
 * The rule, each exception and alternative, each word of each condition, each field, and of a share each level short of all
 * and that it names the sender, one at a time.
 */
export function deletionsOf(rule: Rule, { fields: all }: Vocabulary): readonly Deletion[] {
  const { when, any, unless } = rule.conditions;
  const deletions: Deletion[] = [{ what: { kind: 'rule' }, left: undefined }];
  const add = (what: Deletion['what'], conditions: Partial<Conditions>): void => {
    deletions.push({ what, left: { ...rule, conditions: { ...rule.conditions, ...conditions } } });
  };
  for (const at of unless.keys())
    add({ kind: 'exception', number: at + 1 }, { unless: unless.filter((_, other) => other !== at) });
  if (any.length > 1)
    for (const at of any.keys())
      add({ kind: 'alternative', number: at + 1 }, { any: any.filter((_, other) => other !== at) });
  for (const { of, word, left } of wordsOf(when))
    add({ kind: 'value', of, word, where: 'its conditions' }, { when: left });
  for (const [key, list] of [['any', any] as const, ['unless', unless] as const])
    for (const [at, conjunction] of list.entries())
      for (const { of, word, left } of wordsOf(conjunction)) {
        // An alternative or exception of which nothing is left would hold always: it is struck out as a whole above.
        if (isEmpty(left)) continue;
        const where = `${key === 'any' ? 'alternative' : 'exception'} ${at + 1}`;
        add({ kind: 'value', of, word, where }, { [key]: list.with(at, left) });
      }
  if (rule.fields.size > 1)
    for (const field of rule.fields.keys()) {
      const fields = new Map([...rule.fields].filter(([name]) => name !== field));
      deletions.push({ what: { kind: 'field', field }, left: { ...rule, fields } });
    }
  if (rule.kind === 'limit') return deletions;
  for (const [name, level] of rule.fields) {
    const field = all.get(name);
    if (field === undefined || level >= FULL(field)) continue;
    const fields = new Map([...rule.fields, [name, FULL(field)]]);
    deletions.push({ what: { kind: 'level', field: name }, left: { ...rule, fields } });
  }
  if (rule.namesSender) deletions.push({ what: { kind: 'names sender' }, left: { ...rule, namesSender: false } });
  return deletions;
}

interface Word {
  readonly of: string;
  readonly word: string;
  readonly left: Conjunction;
}

function wordsOf(conjunction: Conjunction): readonly Word[] {
  const { facts, purposes, consent } = conjunction;
  const words: Word[] = [];
  for (const [at, test] of facts.entries())
    for (const word of writtenWords(test)) {
      const left = without(test.words, word);
      const others =
        left.size === 0 ? facts.filter((_, other) => other !== at) : facts.with(at, { ...test, words: left });
      words.push({ of: test.fact, word, left: { ...conjunction, facts: others } });
    }
  if (purposes !== undefined)
    for (const word of purposes.words) {
      const left = without(purposes.words, word);
      const { purposes: _, ...others } = conjunction;
      const rest = left.size === 0 ? others : { ...conjunction, purposes: { ...purposes, words: left } };
      words.push({ of: 'purpose', word, left: rest });
    }
  for (const state of writtenStates(consent ?? new Set())) {
    const gone: readonly ConsentState[] = state === 'not_asked' ? ['not_asked', 'inert'] : [state];
    const left = new Set([...(consent ?? [])].filter((one) => !gone.includes(one)));
    const { consent: _, ...others } = conjunction;
    words.push({ of: 'consent', word: state, left: left.size === 0 ? others : { ...others, consent: left } });
  }
  return words;
}

/** `unknown` beside another word changes nothing where that word is met by it anyway. */
function writtenWords({ words }: FactTest): readonly string[] {
  return words.size === 1 ? [...words] : [...words].filter((word) => word !== UNKNOWN);
}

/** `inert` stands wherever `not_asked` does, and was not written. */
function writtenStates(states: ReadonlySet<ConsentState>): readonly ConsentState[] {
  return [...states].filter((state) => state !== 'inert' || !states.has('not_asked'));
}

function without<Kind extends string>(words: ReadonlySet<Kind>, word: Kind): ReadonlySet<Kind> {
  return new Set([...words].filter((other) => other !== word));
}

function isEmpty({ facts, purposes, consent }: Conjunction): boolean {
  return facts.length === 0 && purposes === undefined && consent === undefined;
}
