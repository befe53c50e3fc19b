import { type Field, FULL, type Level, NOTHING, type RegimeName } from '#terms';
import {
  type Bundle,
  type Conditions,
  type Conjunction,
  CORE,
  type FactTest,
  type Governs,
  type LimitOfField,
  type Rule,
  type RulesOfField,
  type ShareOfField,
  type TreatedRole,
} from '../bundle.js';
import { NONE } from '../parse-conditions.js';
import { type Diagram, FALSE, type Node, TRUE } from './diagram.js';
import { agreedTo, listOf, type Choice, type Space, UNSAID } from './space.js';

/** What the conditions of a rule say of the facts, before what she said of a field comes to it. */
interface Parts {
  readonly when: Part;
  readonly any: readonly Part[];
  readonly unless: readonly Part[];
}

interface Part {
  readonly facts: Node;
  readonly consent: Conjunction['consent'];
}

/**
 * What a bundle decides, as functions over every situation: for each field and level, in which of them at least so much of
 * it may leave. Says the same as `decideNaively`, one field at a time.
 */
export class Outcomes {
  readonly bundle: Bundle;
  readonly space: Space;
  protected readonly diagram: Diagram;
  private readonly tests = new Map<FactTest, Node>();
  private readonly purposes = new Map<NonNullable<Conjunction['purposes']>, Node>();
  private readonly parts = new Map<Conditions, Parts>();
  private readonly carriedBy = new Map<string, Node>();
  private readonly numbers = new Map<object, number>();
  private readonly governedBy = new Map<string, Node>();
  private readonly leaving = new Map<string, Node>();

  constructor(bundle: Bundle, space: Space) {
    this.bundle = bundle;
    this.space = space;
    this.diagram = space.diagram;
  }

  /** In which situations at least `level` of the field may leave. Of the envelope: beside a value. */
  leaves(field: Field, level: Level): Node {
    const key = `${this.keyOf(field)} ${level}`;
    const before = this.leaving.get(key);
    if (before !== undefined) return before;
    const made = this.leavesBy(field, level, this.tableOf(field));
    this.leaving.set(key, made);
    return made;
  }

  /** By other rules than the bundle's, and only where `within` holds. */
  leavesBy(field: Field, level: Level, { shares, limits }: RulesOfField, within: Node = TRUE): Node {
    const { diagram } = this;
    const forbidding = (regime: RegimeName): Node => this.forbidden(limits.get(regime) ?? [], level, within);
    let result = diagram.without(diagram.and(within, this.isGoverned(field)), forbidding(CORE));
    for (const regime of this.space.regimeNames) {
      if (result === FALSE) break;
      const governs = this.governs(regime, field);
      if (governs === FALSE) continue;
      const allowed = diagram.without(this.granted(shares.get(regime) ?? [], field, level, within), forbidding(regime));
      result = diagram.without(result, diagram.without(governs, allowed));
    }
    return result;
  }

  /** Where some share of last resort is what carries the field so far as it goes: of one regime, or of any. */
  breaksTheGlass(field: Field, of?: RegimeName): Node {
    return this.breaksTheGlassBy(field, this.tableOf(field), of);
  }

  /** By other rules than the bundle's. */
  breaksTheGlassBy(field: Field, table: RulesOfField, of?: RegimeName): Node {
    const { diagram } = this;
    const { shares } = table;
    const regimes = (of === undefined ? this.space.regimeNames : [of]).filter((regime) => hasGlass(table, regime));
    if (regimes.length === 0) return FALSE;
    const isOwn = table === this.tableOf(field);
    const leaves = (level: Level): Node => (isOwn ? this.leaves(field, level) : this.leavesBy(field, level, table));
    const broken: Node[] = [];
    for (let level = 1 as Level; level <= FULL(field); level = (level + 1) as Level) {
      const more = level === FULL(field) ? FALSE : leaves((level + 1) as Level);
      const exactly = diagram.without(leaves(level), more);
      for (const regime of regimes) {
        const ordinary = this.granted(
          (shares.get(regime) ?? []).filter(({ rule }) => !rule.lastResort),
          field,
          level,
          TRUE,
        );
        broken.push(diagram.without(diagram.and(exactly, this.governs(regime, field)), ordinary));
      }
    }
    return diagram.any(broken);
  }

  /** The same for two fields of which all rules and regimes say the same. */
  keyOf(field: Field): string {
    return [
      this.numberOf(this.tableOf(field)),
      ...this.space.regimeNames.map((name) => this.governs(name, field)),
    ].join();
  }

  tableOf({ name }: Field): RulesOfField {
    return this.bundle.byField.get(name) ?? NO_RULES;
  }

  isGoverned(field: Field): Node {
    const { diagram, space } = this;
    return diagram.without(
      diagram.any(space.regimeNames.map((regime) => this.governs(regime, field))),
      space.is(space.elsewhere, 'yes'),
    );
  }

  /** A regime that the bundle does not have, and that a situation names, governs everything. */
  governs(regime: RegimeName, field: Field): Node {
    const own = this.bundle.regimes.get(regime);
    const goesWithValues = isEnvelope(field);
    const some = own?.governs.filter(({ fields }) => goesWithValues || fields.has(field.name));
    const key = `${regime} ${some?.map((one) => this.numberOf(one)).join() ?? 'elsewhere'}`;
    const before = this.governedBy.get(key);
    if (before !== undefined) return before;
    const choice = this.space.regime(regime);
    const isHere = choice === undefined ? FALSE : this.space.is(choice, 'yes');
    const made = some === undefined ? isHere : this.diagram.any(some.map((one) => this.governsBy(one, isHere)));
    this.governedBy.set(key, made);
    return made;
  }

  private governsBy({ origins, under }: Governs, isHere: Node): Node {
    return this.diagram.all([origins === 'every agency' ? TRUE : isHere, ...under.map((test) => this.holds(test))]);
  }

  granted(shares: readonly ShareOfField[], field: Field, level: Level, within: Node): Node {
    const { diagram } = this;
    diagram.spend(shares.length);
    return diagram.any(
      shares
        .filter((share) => share.level >= level && this.mayMatch(share.rule.conditions, within))
        .map((share) => diagram.and(within, this.grants(share, field, level))),
    );
  }

  /** Most rules ask for another purpose or sector than the few situations looked at: they need not be worked out. */
  mayMatch({ when: { purposes, facts } }: Conditions, within: Node): boolean {
    if (within === TRUE) return true;
    const { diagram } = this;
    if (purposes !== undefined && diagram.and(within, this.asksFor(purposes)) === FALSE) return false;
    return facts.every((test) => diagram.and(within, this.holds(test)) !== FALSE);
  }

  /** Where a share grants at least so much. */
  grants({ rule, level: most, accompanies }: ShareOfField, field: Field, level: Level): Node {
    if (most < level) return FALSE;
    if (accompanies === undefined) return this.carried(rule, level, this.space.consent);
    return this.diagram.any(
      [...accompanies.keys()].map((of) => {
        const said = of === field.name ? this.space.consent : this.space.saidOf(of);
        return this.carried(rule, 1 as Level, said ?? this.space.consent);
      }),
    );
  }

  /** Its `when` carries so far, and no exception carries at all. */
  private carried(rule: Rule, level: Level, said: Choice): Node {
    return this.remembered(`share ${this.numberOf(rule.conditions)} ${level} ${said.place}`, () => {
      const when = this.whenCarries(rule.conditions, level, said);
      return this.diagram.without(when, this.unlessCarries(rule.conditions, 1 as Level, said));
    });
  }

  private forbidden(limits: readonly LimitOfField[], level: Level, within: Node): Node {
    this.diagram.spend(limits.length);
    return this.diagram.any(
      limits
        .filter((limit) => limit.level < level && this.mayMatch(limit.rule.conditions, within))
        .map((limit) => this.diagram.and(within, this.forbids(limit, level))),
    );
  }

  /** Where a limit keeps back so much. An exception that rests on her agreement lifts it as far as she agreed. */
  forbids({ rule: { conditions }, level: most }: LimitOfField, level: Level): Node {
    if (most >= level) return FALSE;
    const said = this.space.consent;
    return this.remembered(`limit ${this.numberOf(conditions)} ${level}`, () =>
      this.diagram.without(this.whenCarries(conditions, 1 as Level, said), this.unlessCarries(conditions, level, said)),
    );
  }

  /** Where a promise speaks of the field: its conditions hold of it, and none of its exceptions. */
  speaksOf(conditions: Conditions): Node {
    const said = this.space.consent;
    return this.remembered(`promise ${this.numberOf(conditions)}`, () =>
      this.diagram.without(
        this.whenCarries(conditions, 1 as Level, said),
        this.unlessCarries(conditions, 1 as Level, said),
      ),
    );
  }

  /** Where the conditions hold, whatever is excepted. */
  isMet(conditions: Conditions): Node {
    return this.remembered(`met ${this.numberOf(conditions)}`, () =>
      this.whenCarries(conditions, 1 as Level, this.space.consent),
    );
  }

  /** Where an exception holds, one by one. */
  exceptionsOf(conditions: Conditions): readonly Node[] {
    return this.partsOf(conditions).unless.map((part) => this.carries(part, 1 as Level, this.space.consent));
  }

  /** Where one regime binds the value, and no other. */
  alone(regime: RegimeName): Node {
    const { space, diagram } = this;
    const others = space.regimeNames.map((name) => space.is(space.regime(name)!, name === regime ? 'yes' : 'no'));
    return diagram.all([space.is(space.elsewhere, 'no'), ...others]);
  }

  private remembered(key: string, make: () => Node): Node {
    const before = this.carriedBy.get(key);
    if (before !== undefined) return before;
    const made = make();
    this.carriedBy.set(key, made);
    return made;
  }

  protected whenCarries(conditions: Conditions, level: Level, said: Choice): Node {
    const { when, any } = this.partsOf(conditions);
    const first = this.carries(when, level, said);
    if (any.length === 0) return first;
    return this.diagram.and(first, this.diagram.any(any.map((part) => this.carries(part, level, said))));
  }

  protected unlessCarries(conditions: Conditions, level: Level, said: Choice): Node {
    return this.diagram.any(this.partsOf(conditions).unless.map((part) => this.carries(part, level, said)));
  }

  private carries({ facts, consent }: Part, level: Level, said: Choice): Node {
    if (consent === undefined) return facts;
    return this.diagram.and(facts, this.agreesTo(consent, level, said));
  }

  protected agreesTo(wanted: NonNullable<Part['consent']>, level: Level, said: Choice): Node {
    return this.space.isOneOf(said, (word) => {
      const agreed = agreedTo(word);
      return agreed > NOTHING ? wanted.has('agreed') && agreed >= level : wanted.has(word as never);
    });
  }

  private partsOf(conditions: Conditions): Parts {
    const before = this.parts.get(conditions);
    if (before !== undefined) return before;
    const part = (conjunction: Conjunction): Part => ({
      facts: this.factsOf(conjunction),
      consent: conjunction.consent,
    });
    const made: Parts = {
      when: part(conditions.when),
      any: conditions.any.map(part),
      unless: conditions.unless.map(part),
    };
    this.parts.set(conditions, made);
    return made;
  }

  private factsOf({ facts, purposes }: Conjunction): Node {
    const nodes = facts.map((test) => this.holds(test));
    if (purposes !== undefined) nodes.push(this.asksFor(purposes));
    return this.diagram.all(nodes);
  }

  private asksFor(purposes: NonNullable<Conjunction['purposes']>): Node {
    const before = this.purposes.get(purposes);
    if (before !== undefined) return before;
    const made = this.space.isOneOf(this.space.purpose, (word) =>
      this.isPurpose(word) ? purposes.words.has(word as never) : purposes.unknownMeets,
    );
    this.purposes.set(purposes, made);
    return made;
  }

  private isPurpose(word: string): boolean {
    return this.bundle.vocabulary.purposes.has(word as never);
  }

  protected holds(test: FactTest): Node {
    const before = this.tests.get(test);
    if (before !== undefined) return before;
    const made = this.work(test);
    this.tests.set(test, made);
    return made;
  }

  private work({ fact: name, words, unknownMeets, treated }: FactTest): Node {
    const { space } = this;
    const fact = this.bundle.vocabulary.facts.get(name);
    const choice = space.fact(name);
    const onUnknown = unknownMeets ? TRUE : FALSE;
    if (fact === undefined || choice === undefined) return onUnknown;
    if (fact.kind !== 'any of')
      return space.isOneOf(choice, (word) => {
        const value = word === UNSAID ? fact.ifNobodyHasSaid : word;
        return typeof value === 'string' && fact.values.includes(value) ? words.has(value) : unknownMeets;
      });
    const ofRole = (role: string): Node => {
      const held = space.word(name, role);
      return held === undefined ? FALSE : space.is(held, 'yes');
    };
    const list = (has: (word: string) => Node): Node =>
      treated === undefined
        ? this.ofList(words, fact.values, has)
        : this.treated(treated, words, fact.values, onUnknown, has);
    // Words that only the other bundle has make the whole of it unknown here.
    const foreign = this.diagram.any(
      choice.subject.kind === 'known'
        ? choice.subject.fact.values.filter((word) => !fact.values.includes(word)).map(ofRole)
        : [],
    );
    const isKnown = this.diagram.without(
      space.isOneOf(choice, (_, index) => index === 0),
      foreign,
    );
    const unsaid = listOf(fact.ifNobodyHasSaid, fact);
    const whenUnsaid = unsaid === undefined ? onUnknown : list((word) => (unsaid.includes(word) ? TRUE : FALSE));
    const isUnsaid = space.isOneOf(choice, (word) => word === UNSAID);
    const { diagram } = this;
    return diagram.any([
      diagram.and(isKnown, list(ofRole)),
      diagram.and(isUnsaid, whenUnsaid),
      diagram.without(diagram.without(onUnknown, isKnown), isUnsaid),
    ]);
  }

  /** Of a known list: it has one of the words, or is empty and `none` is one of them. */
  private ofList(words: ReadonlySet<string>, values: readonly string[], has: (word: string) => Node): Node {
    const some = this.diagram.any(values.filter((word) => words.has(word)).map(has));
    return words.has(NONE) ? this.diagram.or(some, this.isEmpty(values, has)) : some;
  }

  private isEmpty(values: readonly string[], has: (word: string) => Node): Node {
    return this.diagram.not(this.diagram.any(values.map(has)));
  }

  /** Purpose by purpose, since as whom somebody is treated depends on it. */
  private treated(
    { to, treatments }: TreatedRole,
    words: ReadonlySet<string>,
    values: readonly string[],
    onUnknown: Node,
    has: (role: string) => Node,
  ): Node {
    const { diagram, space } = this;
    const none = words.has(NONE) ? this.isEmpty(values, has) : FALSE;
    const held = to === 'close' ? diagram.any(values.filter((role) => words.has(role)).map(has)) : FALSE;
    const byRoles = new Map<string, Node>();
    const cases = new Map<Node, Set<string>>();
    for (const purpose of space.purpose.values) {
      const as = values.map((role): readonly string[] => {
        const own = treatments.filter((treatment) => treatment.role === role);
        if (!this.isPurpose(purpose)) {
          if (to === 'close') return own.map((treatment) => treatment.as);
          return own.length === 0 ? [role] : [];
        }
        const named = own.find(({ purposes }) => purposes !== 'everything else' && purposes.has(purpose as never));
        return [(named ?? own.find(({ purposes }) => purposes === 'everything else'))?.as ?? role];
      });
      const key = JSON.stringify(as);
      let node = byRoles.get(key);
      if (node === undefined) {
        const met = values.filter((_, at) => as[at]!.some((role) => words.has(role)));
        // Whoever holds only roles of which it is unknown as whom they are treated.
        const nowhere = values.filter((_, at) => as[at]!.length === 0);
        const somewhere = diagram.any(values.filter((role) => !nowhere.includes(role)).map(has));
        const lost = to === 'close' ? FALSE : diagram.without(diagram.any(nowhere.map(has)), somewhere);
        node = diagram.any([none, held, ...met.map(has), diagram.and(lost, onUnknown)]);
        byRoles.set(key, node);
      }
      cases.set(node, (cases.get(node) ?? new Set()).add(purpose));
    }
    return diagram.any(
      [...cases].map(([node, purposes]) =>
        diagram.and(
          node,
          space.isOneOf(space.purpose, (word) => purposes.has(word)),
        ),
      ),
    );
  }

  private numberOf(thing: object): number {
    const before = this.numbers.get(thing);
    if (before !== undefined) return before;
    this.numbers.set(thing, this.numbers.size);
    return this.numbers.size - 1;
  }
}

const NO_RULES: RulesOfField = { shares: new Map(), limits: new Map() };

/** The field's levels above nothing, least first. */
export function levelsOf(field: Field): readonly Level[] {
  return Array.from({ length: FULL(field) }, (_, at) => (at + 1) as Level);
}

/** Whether a regime has shares of last resort for a field. */
export function hasGlass({ shares }: RulesOfField, regime: RegimeName): boolean {
  return shares.get(regime)?.some(({ rule }) => rule.lastResort) === true;
}

export function isEnvelope({ record }: { readonly record: string }): boolean {
  return record === 'envelope';
}
