import {
  type DutyCode,
  type FactValue,
  type Field,
  type FieldName,
  FULL,
  type Level,
  NOTHING,
  type RegimeName,
  UNKNOWN,
} from '#terms';
import type { Bundle, RuleId } from './bundle.js';
import { type Attribute, type Bitmap, compile, type Compiled, type CompiledRule, CORE_PLACE } from './compile.js';
import { NOT_KNOWN } from './decide-naively.js';
import { DecidedFields } from './decided-fields.js';
import type { Decision, FieldDecision } from './decision.js';
import { treatedRole } from './hold.js';
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
  /** Slots whose field no regime that we know lets go. */
  readonly blocked: Uint8Array;
  /** Under which facts `governing` and `blocked` were worked out, where they may serve again. */
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

  private readonly live: Bitmap;
  /** For each attribute, the rows that live by it in this question. */
  private readonly chosen: Bitmap[] = [];
  /** For each attribute of several words, where those rows are put together. */
  private readonly united: Bitmap[] = [];
  /** What she said of each field: read once for a question, when a rule first asks. */
  private readonly readIn: Int32Array;
  private readonly states: Int32Array;
  private readonly agreed: Int32Array;
  private question: number;
  /** Those of the question's plan. */
  private governing: Int32Array = new Int32Array(0);
  private blocked: Uint8Array = new Uint8Array(0);
  private readonly governingWords: number;
  /** Matching rules, slot by slot, each pointing to the next of its slot. */
  private hitRules = new Int32Array(256);
  private hitLevels = new Int32Array(256);
  private hitNext = new Int32Array(256);
  private hits = 0;
  private first = new Int32Array(0);
  private last = new Int32Array(0);
  /** Slots that some rule reached. */
  private touched = new Int32Array(1);
  private readonly most: Int32Array;
  /** What one share alone makes of a field, by rule and level: most released fields rest on one share. */
  private readonly alone = new Map<number, FieldDecision>();

  constructor(bundle: Bundle, compiled: Compiled = compile(bundle), questionsBefore = 0) {
    this.question = questionsBefore;
    this.bundle = bundle;
    this.compiled = compiled;
    this.fields = [...bundle.vocabulary.fields.values()];
    this.full = Uint8Array.from(this.fields, FULL);
    this.placeOf = new Map(this.fields.map((field, place) => [field.name, place]));
    this.senderPlace = this.placeOf.get('envelope.sender' as FieldName) ?? NO_SLOT;
    this.live = new Int32Array(this.compiled.words);
    this.readIn = new Int32Array(this.fields.length);
    this.states = new Int32Array(this.fields.length);
    this.agreed = new Int32Array(this.fields.length);
    this.governingWords = Math.max(1, Math.ceil(this.compiled.regimes.length / 32));
    this.most = new Int32Array(this.compiled.regimes.length);
  }

  decide(situation: Situation, names: readonly FieldName[]): Decision {
    const plan = this.planFor(names);
    this.begin();
    this.letLive(situation);
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
    if (this.first.length < slots.size) {
      this.touched = new Int32Array((slots.size >>> 5) + 1);
      this.first = new Int32Array(slots.size);
      this.last = new Int32Array(slots.size);
    }
    const nothing = Array.from(slots, () => NOT_KNOWN);
    const governing = new Int32Array(slots.size * this.governingWords);
    const blocked = new Uint8Array(slots.size);
    return {
      asked: [...names],
      slots,
      places,
      slotOf,
      envelopes,
      sender,
      nothing,
      governing,
      blocked,
      governedBy: undefined,
    };
  }

  /** The rows whose facts and purpose hold: word by word, so that most words end with the first few attributes. */
  private letLive(situation: Situation): void {
    const { live, chosen } = this;
    const { attributes, every } = this.compiled;
    for (let at = 0; at < attributes.length; at += 1) chosen[at] = this.rowsFor(attributes[at]!, at, situation);
    for (let word = 0; word < live.length; word += 1) {
      let rows = every[word]!;
      for (let at = 0; at < attributes.length && rows !== 0; at += 1) rows &= chosen[at]![word]!;
      live[word] = rows;
    }
  }

  private rowsFor(attribute: Attribute, at: number, { facts, purpose }: Situation): Bitmap {
    const { fact, byValue, unknown } = attribute;
    if (fact === undefined) return byValue.get(purpose) ?? unknown;
    if (fact.kind === 'not in the vocabulary') return unknown;
    const value = facts.get(fact.name) ?? fact.ifNobodyHasSaid;
    if (fact.kind === 'any of') return this.rowsForSome(attribute, at, listOf(value, fact.values), purpose);
    return (typeof value === 'string' ? byValue.get(value) : undefined) ?? unknown;
  }

  /** Of a fact with several words, the rows that some word of it meets. */
  private rowsForSome(
    { treated, byValue, unknown }: Attribute,
    at: number,
    held: FactValue,
    purpose: Situation['purpose'],
  ): Bitmap {
    const known = this.bundle.vocabulary.purposes.has(purpose) ? purpose : UNKNOWN;
    const words = treated === undefined ? held : treatedRole(held, treated, known);
    if (typeof words === 'string') return unknown;
    if (words.length < 2) return byValue.get(words[0] ?? 'none') ?? unknown;
    const some = (this.united[at] ??= new Int32Array(this.compiled.words)).fill(0);
    for (const word of words) {
      const rows = byValue.get(word);
      if (rows !== undefined) for (let row = 0; row < some.length; row += 1) some[row]! |= rows[row]!;
    }
    return some;
  }

  /** Who governs which slot. Most questions find it as the last one of their plan left it. */
  private govern({ origins, travelled }: Situation, plan: Plan): void {
    const { live } = this;
    const { governs, regimes } = this.compiled;
    const isUnknown = this.isUnknownAmong(origins);
    let signature = isUnknown ? 1 : 0;
    for (let at = 0; at < governs.length; at += 1) {
      const { regime, row, enrolledOnly } = governs[at]!;
      if ((live[row >>> 5]! & (1 << (row & 31))) !== 0 && (!enrolledOnly || origins.has(regimes[regime]!)))
        signature |= 2 << at;
    }
    this.governing = plan.governing;
    this.blocked = plan.blocked;
    const isPlain = travelled.size === 0 && governs.length < 30;
    if (isPlain && plan.governedBy === signature) return;
    plan.governedBy = undefined;
    this.governAnew(origins, travelled, plan, isUnknown);
    if (isPlain) plan.governedBy = signature;
  }

  private governAnew(
    origins: Situation['origins'],
    travelled: Situation['travelled'],
    { slots, places, envelopes }: Plan,
    isUnknown: boolean,
  ): void {
    const { live, governing, governingWords: words, blocked } = this;
    const { governs, regimes } = this.compiled;
    governing.fill(0);
    blocked.fill(isUnknown ? 1 : 0);
    for (const { regime, row, enrolledOnly, fields } of governs) {
      if ((live[row >>> 5]! & (1 << (row & 31))) === 0) continue;
      const name = regimes[regime]!;
      const isHere = !enrolledOnly || origins.has(name);
      for (const [field, slot] of slots) {
        const isEnvelope = envelopes[slot] === 1;
        if (!isEnvelope && fields[places[slot]!] !== 1) continue;
        if (isHere || this.cameFrom(name, field, isEnvelope, travelled))
          governing[slot * words + (regime >>> 5)]! |= 1 << (regime & 31);
      }
    }
    if (travelled.size === 0) return;
    for (const [field, slot] of slots) {
      const sets = envelopes[slot] === 1 ? [...travelled.values()] : [travelled.get(field) ?? NO_REGIMES];
      if (sets.some((set) => this.isUnknownAmong(set))) blocked[slot] = 1;
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
    const { live } = this;
    const { rows, rules, firstRule } = this.compiled;
    this.hits = 0;
    this.touched.fill(0);
    let rule = -1;
    let wants = 0;
    for (let at = firstRule >>> 5; at < live.length; at += 1) {
      let word = live[at]!;
      if (at === firstRule >>> 5) word &= -1 << (firstRule & 31);
      while (word !== 0) {
        const row = rows[(at << 5) + (31 - Math.clz32(word & -word))]!;
        word &= word - 1;
        if (row.rule !== rule) {
          if (rule >= 0) this.apply(rules[rule]!, wants, situation, plan);
          rule = row.rule;
          wants = row.consent;
        } else wants = wants === 0 || row.consent === 0 ? 0 : wants | row.consent;
      }
    }
    if (rule >= 0) this.apply(rules[rule]!, wants, situation, plan);
  }

  /** `wants`: the states of consent in which some alternative holds, or 0 where one holds whatever she said. */
  private apply(rule: CompiledRule, wants: number, situation: Situation, plan: Plan): void {
    const except = this.exceptionTo(rule);
    if (except === CLEARED) return;
    const { fields, levels, isShare, regime, index } = rule;
    const { slotOf } = plan;
    const { full } = this;
    for (let at = 0; at < fields.length; at += 1) {
      const place = fields[at]!;
      const slot = slotOf[place]!;
      if (slot === NO_SLOT) continue;
      if (regime !== CORE_PLACE && !this.governs(regime, slot)) continue;
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
      if (!isShare || level > NOTHING) this.hit(slot, index, level);
    }
    const { sender } = plan;
    if (!rule.namesSender || sender === NO_SLOT || !this.governs(regime, sender)) return;
    for (const place of fields) {
      if (this.carried(wants, place, situation) === NOTHING) continue;
      if (except !== 0 && this.carried(except, place, situation) > NOTHING) continue;
      this.hit(sender, index, full[this.senderPlace]!);
      return;
    }
  }

  /** The states of consent in which an exception holds, 0 for none; or that one holds whatever she said. */
  private exceptionTo({ exceptions: [from, to] }: CompiledRule): number {
    let except = 0;
    for (let row = from; row < to; row += 1) {
      if ((this.live[row >>> 5]! & (1 << (row & 31))) === 0) continue;
      const { consent } = this.compiled.rows[row]!;
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
    if (this.hits === this.hitRules.length) this.grow();
    const at = this.hits;
    this.hits += 1;
    this.hitRules[at] = rule;
    this.hitLevels[at] = level;
    this.hitNext[at] = NO_SLOT;
    const bit = 1 << (slot & 31);
    if ((this.touched[slot >>> 5]! & bit) === 0) {
      this.touched[slot >>> 5]! |= bit;
      this.first[slot] = at;
    } else this.hitNext[this.last[slot]!] = at;
    this.last[slot] = at;
  }

  private grow(): void {
    this.hitRules = larger(this.hitRules);
    this.hitLevels = larger(this.hitLevels);
    this.hitNext = larger(this.hitNext);
  }

  private conclude(plan: Plan): Decision {
    const { envelopes } = plan;
    const { touched } = this;
    const decisions = plan.nothing.slice();
    let isLetter = false;
    let before = NO_SLOT;
    for (let word = 0; word < touched.length; word += 1)
      for (let left = touched[word]!; left !== 0; left &= left - 1) {
        const slot = (word << 5) + (31 - Math.clz32(left & -left));
        const decision = before !== NO_SLOT && this.isAlike(before, slot) ? decisions[before]! : this.concludeOn(slot);
        decisions[slot] = decision;
        before = slot;
        if (decision.level > NOTHING && envelopes[slot] === 0) isLetter = true;
      }
    const duties: DutyCode[] = [];
    const alerts: RuleId[] = [];
    let told = NOT_KNOWN;
    for (let word = 0; word < touched.length; word += 1)
      for (let left = touched[word]!; left !== 0; left &= left - 1) {
        const slot = (word << 5) + (31 - Math.clz32(left & -left));
        let decision = decisions[slot]!;
        // Who sent it would tell that there was something to send.
        if (!isLetter && envelopes[slot] === 1)
          decision = decisions[slot] = { ...decision, level: NOTHING, granted: [], say: [], lastResort: false };
        if (decision === told || decision === NOT_KNOWN) continue;
        told = decision;
        if (decision.level > NOTHING) addAll(duties, decision.duties);
        addAll(alerts, decision.alerts);
      }
    return { fields: new DecidedFields(plan.slots, decisions), duties, alerts };
  }

  /** The same rules at the same levels under the same regimes: whatever is concluded of one holds of the other. */
  private isAlike(one: number, other: number): boolean {
    const { hitRules, hitLevels, hitNext, governing, governingWords: words } = this;
    let [a, b] = [this.first[one]!, this.first[other]!];
    while (a !== NO_SLOT && b !== NO_SLOT) {
      if (hitRules[a] !== hitRules[b] || hitLevels[a] !== hitLevels[b]) return false;
      a = hitNext[a]!;
      b = hitNext[b]!;
    }
    if (a !== b || this.blocked[one] !== this.blocked[other]) return false;
    for (let word = 0; word < words; word += 1)
      if (governing[one * words + word] !== governing[other * words + word]) return false;
    return true;
  }

  private concludeOn(slot: number): FieldDecision {
    const { hitRules, hitLevels, hitNext, most, governingWords } = this;
    const { rules } = this.compiled;
    let shares = 0;
    let limits = 0;
    let least = BOUNDLESS;
    most.fill(0);
    for (let at = this.first[slot]!; at !== NO_SLOT; at = hitNext[at]!) {
      const rule = rules[hitRules[at]!]!;
      const level = hitLevels[at]!;
      if (rule.isShare) {
        shares += 1;
        if (level > most[rule.regime]!) most[rule.regime] = level;
      } else {
        limits += 1;
        if (level < least) least = level;
      }
    }
    let granted = BOUNDLESS;
    let regimes = 0;
    for (let word = 0; word < governingWords; word += 1)
      for (let left = this.governing[slot * governingWords + word]!; left !== 0; left &= left - 1) {
        const regime = (word << 5) + (31 - Math.clz32(left & -left));
        if (most[regime]! < granted) granted = most[regime]!;
        regimes += 1;
      }
    if (regimes === 0 || this.blocked[slot] === 1) granted = NOTHING;
    const level = Math.min(granted, least) as Level;
    if (limits === 0 && level === NOTHING) return NOT_KNOWN;
    if (limits === 0 && shares === 1) return this.onOneShare(rules[hitRules[this.first[slot]!]!]!, level);
    return this.concludeAtLength(slot, granted, level);
  }

  private onOneShare({ rule, index, lastResort }: CompiledRule, level: Level): FieldDecision {
    const key = index * 256 + level;
    const known = this.alone.get(key);
    if (known !== undefined) return known;
    const decision: FieldDecision = Object.freeze({
      level,
      granted: Object.freeze([rule.id]),
      cut: NONE,
      duties: Object.freeze([...new Set(rule.duties)]),
      say: Object.freeze(rule.say === undefined ? [] : [rule.say]),
      lastResort,
      alerts: Object.freeze(rule.alert ? [rule.id] : []),
    });
    this.alone.set(key, decision);
    return decision;
  }

  private concludeAtLength(slot: number, most: number, level: Level): FieldDecision {
    const { hitRules, hitLevels, hitNext } = this;
    const { rules } = this.compiled;
    const granted: RuleId[] = [];
    const duties: DutyCode[] = [];
    let cut: RuleId[] | undefined;
    let say: string[] | undefined;
    let alerts: RuleId[] | undefined;
    let lastResort = false;
    // Ordinary shares count before those of last resort, regime by regime: rules stand regime by regime too.
    let regime = CORE_PLACE;
    let ordinary = false;
    let before = -1;
    for (let at = level > NOTHING ? this.first[slot]! : NO_SLOT; at !== NO_SLOT; at = hitNext[at]!) {
      const index = hitRules[at]!;
      const { rule, isShare, lastResort: breaksGlass, regime: of } = rules[index]!;
      if (!isShare || hitLevels[at]! < level || index === before) continue;
      if (of !== regime) {
        regime = of;
        ordinary = this.reachesOrdinarily(slot, of, level);
      }
      if (breaksGlass && ordinary) continue;
      before = index;
      granted.push(rule.id);
      addAll(duties, rule.duties);
      if (rule.say !== undefined) addAll((say ??= []), [rule.say]);
      lastResort ||= breaksGlass;
      if (rule.alert) (alerts ??= []).push(rule.id);
    }
    for (let at = this.first[slot]!; at !== NO_SLOT; at = hitNext[at]!) {
      const { rule, isShare } = rules[hitRules[at]!]!;
      if (isShare) continue;
      addAll(duties, rule.duties);
      if (rule.alert) (alerts ??= []).push(rule.id);
      if (hitLevels[at]! >= most) continue;
      (cut ??= []).push(rule.id);
      if (rule.say !== undefined) addAll((say ??= []), [rule.say]);
    }
    return {
      level,
      granted,
      cut: cut ?? NONE,
      duties,
      say: say ?? NONE,
      lastResort,
      alerts: alerts ?? NONE,
    };
  }

  private reachesOrdinarily(slot: number, regime: number, level: number): boolean {
    const { rules } = this.compiled;
    for (let at = this.first[slot]!; at !== NO_SLOT; at = this.hitNext[at]!) {
      const rule = rules[this.hitRules[at]!]!;
      if (rule.isShare && !rule.lastResort && rule.regime === regime && this.hitLevels[at]! >= level) return true;
    }
    return false;
  }
}

const NONE: readonly never[] = Object.freeze([]);
const NO_REGIMES: ReadonlySet<RegimeName> = new Set();

function larger(array: Int32Array): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(array.length * 2);
  grown.set(array);
  return grown;
}

function isSame(some: readonly FieldName[], others: readonly FieldName[]): boolean {
  if (some.length !== others.length) return false;
  for (let at = 0; at < some.length; at += 1) if (some[at] !== others[at]) return false;
  return true;
}

function addAll<Item>(list: Item[], items: readonly Item[]): void {
  for (const item of items) if (!list.includes(item)) list.push(item);
}

/** As a fact of several words is settled: a word that the vocabulary does not have makes it unknown. */
function listOf(value: FactValue, valid: readonly string[]): FactValue {
  const words = typeof value === 'string' ? [value] : value;
  if (words.every((word) => valid.includes(word))) return words;
  return words.every((word) => word === 'none') ? [] : UNKNOWN;
}
