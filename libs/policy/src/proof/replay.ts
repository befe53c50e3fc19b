import { type Field, type FieldName, type Instant, type Level, levelName, NOTHING, UNKNOWN } from '#terms';
import type { Bundle } from '../bundle.js';
import type { ConsentOfField, Situation } from '../situation.js';
import { FALSE, type Node, TRUE } from './diagram.js';
import { isEnvelope, levelsOf, Outcomes } from './outcomes.js';
import { type Choice, type Point, Space } from './space.js';

/** A decision as it was taken: the facts that were resolved then and no others, and what was let go, by level names. */
export interface Recorded {
  readonly decision: string;
  readonly situation: Omit<Situation, 'consent'>;
  readonly consent: ReadonlyMap<FieldName, ConsentOfField | 'not known'>;
  readonly left: ReadonlyMap<FieldName, string>;
  /** When it was taken. */
  readonly at?: Instant;
  /**
   * The situation turned round: what whoever asked would tell by asking, that it knows her. Where it may not, nothing is
   * asked and nothing leaves. Absent: whoever asked is bound by nothing that protects this.
   */
  readonly asking?: Asking | 'not known';
}

export interface Asking {
  readonly situation: Omit<Situation, 'consent'>;
  readonly consent: ConsentOfField | 'not known';
}

export interface Replayed {
  readonly decision: string;
  readonly field: FieldName;
  readonly was: string;
  readonly verdict:
    | { readonly kind: 'same' }
    | { readonly kind: 'gained' | 'lost'; readonly is: string }
    /** What the record does not say would settle it: between these levels, where they can be named. */
    | { readonly kind: 'unknown'; readonly least?: string; readonly most?: string };
}

/**
 * What recorded decisions would have been by these policies. Where it depends on something that the record does not say (a
 * fact that nobody was asked for then, a word that is no longer in the vocabulary) it is unknown, and never unchanged.
 */
export function replay(bundle: Bundle, recorded: Iterable<Recorded>): readonly Replayed[] {
  const replaying = new Replaying(bundle);
  return [...recorded].flatMap((one) => replaying.one(one));
}

interface Within {
  readonly always: boolean;
  readonly ever: boolean;
}

interface Range {
  readonly least: Level;
  readonly most: Level;
}

const ENROLMENT = 'service.enrolment' as FieldName;

class Replaying {
  private readonly bundle: Bundle;
  private readonly outcomes: Outcomes;

  constructor(bundle: Bundle) {
    this.bundle = bundle;
    this.outcomes = new Outcomes(bundle, new Space([bundle]));
  }

  one(recorded: Recorded): readonly Replayed[] {
    const ranges = new Map<FieldName, Range>();
    for (const name of recorded.left.keys()) {
      const field = this.bundle.vocabulary.fields.get(name);
      if (field !== undefined) ranges.set(name, this.rangeOf(field, recorded));
    }
    this.seal(ranges);
    const { always, ever } = this.mayAsk(recorded.asking);
    for (const [name, { least, most }] of ranges)
      ranges.set(name, { least: always ? least : NOTHING, most: ever ? most : NOTHING });
    return [...recorded.left].map(([field, was]) => ({
      decision: recorded.decision,
      field,
      was,
      verdict: this.verdict(this.bundle.vocabulary.fields.get(field), was, ranges.get(field)),
    }));
  }

  /** Whether whoever asked may tell by asking that it knows her: nothing here protects that, or something lets it. */
  private mayAsk(asking: Recorded['asking']): Within {
    const field = this.bundle.vocabulary.fields.get(ENROLMENT);
    if (asking === undefined || field === undefined) return { always: true, ever: true };
    if (asking === 'not known') return { always: false, ever: true };
    const { outcomes } = this;
    const { space } = outcomes;
    const { diagram } = space;
    const isGoverned = diagram.any([
      space.is(space.elsewhere, 'yes'),
      ...space.regimeNames.map((regime) => outcomes.governs(regime, field)),
    ]);
    const node = diagram.or(outcomes.leaves(field, 1 as Level), diagram.not(isGoverned));
    const { situation, consent } = asking;
    return this.of(node, field, { situation, consent: new Map([[ENROLMENT, consent]]) });
  }

  private verdict(field: Field | undefined, was: string, range: Range | undefined): Replayed['verdict'] {
    if (field === undefined || range === undefined) return { kind: 'unknown' };
    const [least, most] = [levelName(field, range.least), levelName(field, range.most)];
    const before = field.scale.indexOf(was);
    if (before < 0 || range.least !== range.most) return { kind: 'unknown', least, most };
    if (before === range.least) return { kind: 'same' };
    return { kind: before < range.least ? 'gained' : 'lost', is: least };
  }

  /** Of a function of one field: whether it holds however that may be which the record does not say. */
  private of(node: Node, field: Field, { situation, consent }: Pick<Recorded, 'situation' | 'consent'>): Within {
    const { space } = this.outcomes;
    const said = new Map([...consent].flatMap(([name, one]) => (one === 'not known' ? [] : [[name, one] as const])));
    const point = space.pointOf({ ...situation, consent: said }, field.name);
    const free = new Set(space.choices.filter((choice) => this.isNotKnown(choice, field, situation, consent)));
    return this.within(node, point, free);
  }

  private rangeOf(field: Field, recorded: Recorded): Range {
    let [least, most] = [NOTHING, NOTHING];
    for (const level of levelsOf(field)) {
      const { always, ever } = this.of(this.outcomes.leaves(field, level), field, recorded);
      if (always) least = level;
      if (ever) most = level;
    }
    return { least, most };
  }

  /** Whether the record leaves open on which value the choice falls. */
  private isNotKnown(
    { subject, values }: Choice,
    field: Field,
    { facts, purpose }: Recorded['situation'],
    consent: Recorded['consent'],
  ): boolean {
    switch (subject.kind) {
      case 'elsewhere':
      case 'regime':
        return false;
      case 'purpose':
        return !values.includes(purpose);
      case 'fact':
      case 'known':
      case 'word': {
        const said = facts.get(subject.fact.name);
        if (said === undefined) return true;
        const words = typeof said === 'string' ? [said] : said;
        return words.some((word) => word !== UNKNOWN && word !== 'none' && !subject.fact.values.includes(word));
      }
      case 'consent':
        return consent.get(subject.of === 'the field' ? field.name : subject.of) === 'not known';
      default:
        return subject satisfies never;
    }
  }

  private within(node: Node, point: Point, free: ReadonlySet<Choice>, seen = new Map<Node, Within>()): Within {
    const { space } = this.outcomes;
    const choice = space.choiceOf(node);
    if (choice === undefined) return { always: node === TRUE, ever: node !== FALSE };
    const before = seen.get(node);
    if (before !== undefined) return before;
    const values = free.has(choice) ? [...choice.values.keys()] : [point[choice.place] ?? 0];
    const below = values.map((value) => this.within(space.after(node, choice, value), point, free, seen));
    const made = { always: below.every(({ always }) => always), ever: below.some(({ ever }) => ever) };
    seen.set(node, made);
    return made;
  }

  /** Who sent it goes with a value of the same answer. */
  private seal(ranges: Map<FieldName, Range>): void {
    const of = (name: FieldName): boolean => isEnvelope(this.bundle.vocabulary.fields.get(name) ?? { record: '' });
    const values = [...ranges].filter(([name]) => !of(name)).map(([, range]) => range);
    const isSurely = values.some(({ least }) => least > NOTHING);
    const isPossibly = values.some(({ most }) => most > NOTHING);
    for (const [name, { least, most }] of ranges)
      if (of(name)) ranges.set(name, { least: isSurely ? least : NOTHING, most: isPossibly ? most : NOTHING });
  }
}
