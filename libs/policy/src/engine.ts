import { type DutyCode, type Field, type FieldName, FULL, NOTHING, type RegimeName } from '#terms';
import type { Bundle, RuleId } from './bundle.js';
import { compile, type Compiled } from './compile.js';
import { DecidedFields } from './decided-fields.js';
import { type Decision, type FieldDecision, NOT_KNOWN, withoutAnything } from './decision.js';
import { addAll, Grounds, MORE, MOST_KEPT } from './grounds.js';
import { LiveRows } from './live-rows.js';
import { NumberedRules } from './numbered-rules.js';
import { CONSENT_STATES, type Situation } from './situation.js';

/** Larger than any level. */
const BOUNDLESS = 0x7fff_ffff;
const NO_SLOT = -1;
const CLEARED = -1;
const LAST_QUESTION = 0x7fff_ffff;
const STATE_BITS: ReadonlyMap<string, number> = new Map(CONSENT_STATES.map((state, place) => [state, 1 << place]));
const AGREED = STATE_BITS.get('agreed') ?? 0;
const NOT_ASKED = STATE_BITS.get('not_asked') ?? 0;

/** The fields of a question, by numbers. Agencies ask the same ones again and again. */
interface Plan {
  readonly asked: readonly FieldName[];
  readonly slots: ReadonlyMap<FieldName, number>;
  /** For each slot the field's place in the vocabulary, or -1. */
  readonly places: Int32Array;
  /** For each place its slot, or -1. */
  readonly slotOf: Int32Array;
  readonly envelopes: Uint8Array;
  readonly sender: number;
  /** A decision that shares nothing, for each slot. */
  readonly nothing: readonly FieldDecision[];
  /** Which regimes govern the field of each slot, a bit each. */
  readonly governing: Int32Array;
  /** By the regime's place: whether it governs every slot. */
  readonly whole: Uint8Array;
  /** For each slot the ground on which its field is decided before any rule. */
  readonly begun: Int32Array;
  /** Under which facts `governing` and `begun` were worked out, where they may serve again. */
  governedBy: number | undefined;
}

/** A gateway asks for the record, and whether she may be named at all, in turns. */
const PLANS_KEPT = 8;

/**
 * Decides as `decideNaively` does, by bitmaps: for each fact the rows that its value lets live, all of them together, and
 * then only the rules that are left. Whatever is worked out of one question lies in arrays that the next one uses again.
 */
export class Engine {
  private readonly bundle: Bundle;
  private readonly compiled: Compiled;
  private readonly fields: readonly Field[];
  private readonly full: Uint8Array;
  private readonly placeOf: ReadonlyMap<FieldName, number>;
  private readonly senderPlace: number;
  /** The last few, newest first. */
  private readonly plans: Plan[] = [];

  private readonly live: LiveRows;
  private readonly rules: NumberedRules;
  private readonly grounds: Grounds;
  /** What she said of each field: read once for a question, when a rule first asks. */
  private readonly readIn: Int32Array;
  private readonly states: Int32Array;
  private readonly agreed: Int32Array;
  private question: number;
  /** Those of the question's plan. */
  private governing: Int32Array = new Int32Array(0);
  private begun: Int32Array = new Int32Array(0);
  private readonly governingWords: number;
  /** For each slot that a rule met, the ground on which it is decided. */
  private ground = new Int32Array(0);
  /** Those slots, a bit each. */
  private met = new Int32Array(1);

  constructor(bundle: Bundle, compiled: Compiled = compile(bundle), questionsBefore = 0, mostGrounds = MOST_KEPT) {
    this.question = questionsBefore;
    this.bundle = bundle;
    this.compiled = compiled;
    this.fields = [...bundle.vocabulary.fields.values()];
    this.full = Uint8Array.from(this.fields, FULL);
    this.placeOf = new Map(this.fields.map((field, place) => [field.name, place]));
    this.senderPlace = this.placeOf.get('envelope.sender' as FieldName) ?? NO_SLOT;
    this.live = new LiveRows(compiled, bundle.vocabulary);
    this.rules = new NumberedRules(compiled);
    this.grounds = new Grounds(compiled, mostGrounds);
    this.readIn = new Int32Array(this.fields.length);
    this.states = new Int32Array(this.fields.length);
    this.agreed = new Int32Array(this.fields.length);
    this.governingWords = Math.max(1, Math.ceil(this.compiled.regimes.length / 32));
  }

  decide(situation: Situation, names: readonly FieldName[]): Decision {
    this.begin();
    const plan = this.planFor(names);
    this.live.settle(situation);
    this.govern(situation, plan);
    this.match(situation, plan);
    return this.conclude(plan);
  }

  /** Numbers a question. THREAT: under a number used before, what another woman said would be read as hers. */
  private begin(): void {
    if (this.question === LAST_QUESTION) {
      this.readIn.fill(0);
      this.question = 0;
    }
    this.question += 1;
    if (!this.grounds.isFull) return;
    this.grounds.forget();
    this.plans.length = 0;
  }

  private planFor(names: readonly FieldName[]): Plan {
    const { plans } = this;
    for (const plan of plans) if (isSame(plan.asked, names)) return plan;
    const plan = this.planOf(names);
    plans.unshift(plan);
    if (plans.length > PLANS_KEPT) plans.pop();
    return plan;
  }

  private planOf(names: readonly FieldName[]): Plan {
    const slots = new Map<FieldName, number>();
    for (const name of names) if (!slots.has(name)) slots.set(name, slots.size);
    const places = Int32Array.from(slots.keys(), (name) => this.placeOf.get(name) ?? NO_SLOT);
    const slotOf = new Int32Array(this.fields.length).fill(NO_SLOT);
    for (const [slot, place] of places.entries()) if (place !== NO_SLOT) slotOf[place] = slot;
    const envelopes = Uint8Array.from(places, (place) => (this.fields[place]?.record === 'envelope' ? 1 : 0));
    const sender = this.senderPlace === NO_SLOT ? NO_SLOT : (slotOf[this.senderPlace] ?? NO_SLOT);
    if (this.ground.length < slots.size) {
      this.met = new Int32Array((slots.size >>> 5) + 1);
      this.ground = new Int32Array(slots.size);
    }
    const nothing = Array.from(slots, () => NOT_KNOWN);
    const governing = new Int32Array(slots.size * this.governingWords);
    const begun = new Int32Array(slots.size);
    return {
      asked: [...names],
      slots,
      places,
      slotOf,
      envelopes,
      sender,
      nothing,
      governing,
      whole: new Uint8Array(this.compiled.regimes.length),
      begun,
      governedBy: undefined,
    };
  }

  /** Who governs which slot. Most questions find it as the last one of their plan left it. */
  private govern({ origins, travelled }: Situation, plan: Plan): void {
    const { governs, regimes } = this.compiled;
    const isUnknown = this.isUnknownAmong(origins);
    let signature = isUnknown ? 1 : 0;
    for (let at = 0; at < governs.length; at += 1) {
      const { regime, row, enrolledOnly } = governs[at]!;
      if (this.live.isLive(row) && (!enrolledOnly || origins.has(regimes[regime]!))) signature |= 2 << at;
    }
    this.governing = plan.governing;
    this.begun = plan.begun;
    const isPlain = travelled.size === 0 && governs.length < 30;
    if (isPlain && plan.governedBy === signature) return;
    plan.governedBy = undefined;
    this.governAnew(origins, travelled, plan, isUnknown);
    if (isPlain) plan.governedBy = signature;
  }

  private governAnew(
    origins: Situation['origins'],
    travelled: Situation['travelled'],
    { slots, places, envelopes, whole, begun }: Plan,
    isUnknown: boolean,
  ): void {
    const { governing, governingWords: words } = this;
    const { governs, regimes } = this.compiled;
    governing.fill(0);
    for (const { regime, row, enrolledOnly, fields } of governs) {
      if (!this.live.isLive(row)) continue;
      const name = regimes[regime]!;
      const isHere = !enrolledOnly || origins.has(name);
      for (const [field, slot] of slots) {
        const isEnvelope = envelopes[slot] === 1;
        if (!isEnvelope && fields[places[slot]!] !== 1) continue;
        if (isHere || this.cameFrom(name, field, isEnvelope, travelled))
          governing[slot * words + (regime >>> 5)]! |= 1 << (regime & 31);
      }
    }
    for (let regime = 0; regime < whole.length; regime += 1) {
      whole[regime] = 1;
      for (let slot = 0; slot < slots.size; slot += 1) if (!this.governs(regime, slot)) whole[regime] = 0;
    }
    for (const [field, slot] of slots) {
      const sets = envelopes[slot] === 1 ? [...travelled.values()] : [travelled.get(field) ?? NO_REGIMES];
      const isBlocked = isUnknown || sets.some((set) => this.isUnknownAmong(set));
      begun[slot] = this.grounds.begin(governing.subarray(slot * words, (slot + 1) * words), isBlocked);
    }
  }

  /** A regime that the bundle does not have governs everything and lets nothing go. */
  private isUnknownAmong(regimes: ReadonlySet<RegimeName>): boolean {
    for (const regime of regimes) if (!this.bundle.regimes.has(regime)) return true;
    return false;
  }

  private cameFrom(
    regime: RegimeName,
    name: FieldName,
    isEnvelope: boolean,
    travelled: Situation['travelled'],
  ): boolean {
    if (!isEnvelope) return travelled.get(name)?.has(regime) === true;
    for (const regimes of travelled.values()) if (regimes.has(regime)) return true;
    return false;
  }

  /** For every rule that is left, the fields that it reaches, and how far. */
  private match(situation: Situation, plan: Plan): void {
    const { ofRow, consentOfRow } = this.rules;
    const { words, inhabited, count } = this.live;
    const { firstRule } = this.compiled;
    this.met.fill(0);
    let rule = -1;
    let wants = 0;
    for (let each = 0; each < count; each += 1) {
      const at = inhabited[each]!;
      let word = words[at]!;
      if (at <= firstRule >>> 5) word = at < firstRule >>> 5 ? 0 : word & (-1 << (firstRule & 31));
      while (word !== 0) {
        const row = (at << 5) + (31 - Math.clz32(word & -word));
        const consent = consentOfRow[row]!;
        word &= word - 1;
        if (ofRow[row] !== rule) {
          if (rule >= 0) this.apply(rule, wants, situation, plan);
          rule = ofRow[row]!;
          wants = consent;
        } else wants = wants === 0 || consent === 0 ? 0 : wants | consent;
      }
    }
    if (rule >= 0) this.apply(rule, wants, situation, plan);
  }

  /** `wants`: the states of consent in which some alternative holds, or 0 where one holds whatever she said. */
  private apply(rule: number, wants: number, situation: Situation, plan: Plan): void {
    const except = this.exceptionTo(rule);
    if (except === CLEARED) return;
    const { rules, full } = this;
    const { fields, levels, fieldsFrom } = rules;
    const { slotOf } = plan;
    const isShare = rules.isShare(rule);
    const regime = rules.regimes[rule]!;
    const isEverywhere = rules.isOfCore(rule) || plan.whole[regime] === 1;
    const to = fieldsFrom[rule + 1]!;
    for (let at = fieldsFrom[rule]!; at < to; at += 1) {
      const place = fields[at]!;
      const slot = slotOf[place]!;
      if (slot === NO_SLOT) continue;
      if (!isEverywhere && !this.governs(regime, slot)) continue;
      let level = levels[at]!;
      if ((wants | except) !== 0) {
        const carried = this.carried(wants, place, situation);
        if (carried === NOTHING) continue;
        const lifted = except === 0 ? NOTHING : this.carried(except, place, situation);
        if (isShare) {
          if (lifted > NOTHING) continue;
          if (carried < level) level = carried;
        } else {
          if (lifted >= full[place]!) continue;
          if (lifted > level) level = lifted;
        }
      }
      if (!isShare || level > NOTHING) this.hit(slot, rule, level);
    }
    if (rules.namesSender(rule)) this.nameSender(rule, wants, except, situation, plan);
  }

  /** A share that names its sender shares the sender where it grants something. */
  private nameSender(rule: number, wants: number, except: number, situation: Situation, { sender }: Plan): void {
    const { fields, fieldsFrom, regimes } = this.rules;
    if (sender === NO_SLOT || !this.governs(regimes[rule]!, sender)) return;
    for (let at = fieldsFrom[rule]!; at < fieldsFrom[rule + 1]!; at += 1) {
      const place = fields[at]!;
      if (this.carried(wants, place, situation) === NOTHING) continue;
      if (except !== 0 && this.carried(except, place, situation) > NOTHING) continue;
      this.hit(sender, rule, this.full[this.senderPlace]!);
      return;
    }
  }

  /** The states of consent in which an exception holds, 0 for none; or that one holds whatever she said. */
  private exceptionTo(rule: number): number {
    const { exceptionsFrom, exceptionsTo, consentOfRow } = this.rules;
    const to = exceptionsTo[rule]!;
    let except = 0;
    for (let row = exceptionsFrom[rule]!; row < to; row += 1) {
      if (!this.live.isLive(row)) continue;
      const consent = consentOfRow[row]!;
      if (consent === 0) return CLEARED;
      except |= consent;
    }
    return except;
  }

  private governs(regime: number, slot: number): boolean {
    return (this.governing[slot * this.governingWords + (regime >>> 5)]! & (1 << (regime & 31))) !== 0;
  }

  private carried(wants: number, place: number, situation: Situation): number {
    if (wants === 0) return BOUNDLESS;
    if (this.readIn[place] !== this.question) this.read(place, situation);
    const state = this.states[place]!;
    if ((wants & state) === 0) return NOTHING;
    return state === AGREED ? this.agreed[place]! : BOUNDLESS;
  }

  /** To agree to nothing is not to agree. */
  private read(place: number, { consent }: Situation): void {
    this.readIn[place] = this.question;
    const said = consent.get(this.fields[place]!.name);
    const state = said === undefined ? NOT_ASKED : (STATE_BITS.get(said.state) ?? 0);
    const agreed = said !== undefined && state === AGREED ? said.level : NOTHING;
    this.states[place] = state === AGREED && !(agreed > NOTHING) ? NOT_ASKED : state;
    this.agreed[place] = agreed;
  }

  private hit(slot: number, rule: number, level: number): void {
    const bit = 1 << (slot & 31);
    const isFirst = (this.met[slot >>> 5]! & bit) === 0;
    if (isFirst) this.met[slot >>> 5]! |= bit;
    this.ground[slot] = this.grounds.goOn(isFirst ? this.begun[slot]! : this.ground[slot]!, rule, level);
  }

  private conclude(plan: Plan): Decision {
    const { envelopes } = plan;
    const { met, ground, grounds } = this;
    const decisions = plan.nothing.slice();
    let isLetter = false;
    let brought = 0;
    for (let word = 0; word < met.length; word += 1)
      for (let left = met[word]!; left !== 0; left &= left - 1) {
        const slot = (word << 5) + (31 - Math.clz32(left & -left));
        const decision = grounds.decisionOf(ground[slot]!);
        decisions[slot] = decision;
        brought |= grounds.bringsWhat(ground[slot]!);
        if (decision.level > NOTHING && envelopes[slot] === 0) isLetter = true;
      }
    if (!isLetter) brought = MORE;
    const duties: DutyCode[] = [];
    const alerts: RuleId[] = [];
    let told = 0;
    for (let word = 0; word < met.length && (brought & ~told) !== 0; word += 1)
      for (let left = met[word]!; left !== 0; left &= left - 1) {
        const slot = (word << 5) + (31 - Math.clz32(left & -left));
        const brings = grounds.bringsWhat(ground[slot]!);
        const isWithheld = !isLetter && envelopes[slot] === 1;
        if (isWithheld) decisions[slot] = withoutAnything(decisions[slot]!);
        else if ((brings & ~told) === 0) continue;
        const { level, duties: own, alerts: raised } = decisions[slot]!;
        addAll(alerts, raised);
        if (level === NOTHING) continue;
        addAll(duties, own);
        told |= brings & ~MORE;
      }
    return { fields: new DecidedFields(plan.slots, decisions), duties, alerts };
  }
}

const NO_REGIMES: ReadonlySet<RegimeName> = new Set();

function isSame(some: readonly FieldName[], others: readonly FieldName[]): boolean {
  if (some.length !== others.length) return false;
  for (let at = 0; at < some.length; at += 1) if (some[at] !== others[at]) return false;
  return true;
}
