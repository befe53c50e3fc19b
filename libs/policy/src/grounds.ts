import { type DutyCode, type Level, NOTHING } from '#terms';
import type { RuleId } from './bundle.js';
import type { Compiled, CompiledRule } from './compile.js';
import { type FieldDecision, fieldDecision, NOT_KNOWN } from './decision.js';

/** Larger than any level. */
const BOUNDLESS = 0x7fff_ffff;
const NO_GROUND = -1;
/** A rule and how far it carries, in one number. */
const LEVELS = 256;
/** What a decision brings with it that has no bit of its own: alerts, and duties beyond the thirty-first. */
export const MORE = 1 << 31;
/** Some 20 megabytes, if a decision is concluded from each. */
export const MOST_KEPT = 1 << 16;

/**
 * On what a field is decided: who governs it, then the rules that met it, in their order, each with how far it carried. The
 * same grounds have the same number, whichever field they are of, and what follows from them is concluded once.
 *
 * A ground holds rules and levels, and nothing of whoever was asked about.
 */
export class Grounds {
  private readonly rules: Compiled['rules'];
  private readonly regimes: number;
  private readonly mostKept: number;
  private readonly beginnings = new Map<string | number, number>();
  /** For each ground the one it goes on from; of a beginning, none. */
  private befores = new Int32Array(1 << 10);
  /** The rule and level that it adds; of a beginning, the place of its governors. */
  private steps = new Int32Array(1 << 10);
  private readonly governors: (readonly number[])[] = [];
  private decisions: (FieldDecision | undefined)[] = [];
  /** Of each ground that was concluded from: its duties, a bit each, and `MORE`. */
  private brings = new Int32Array(1 << 10);
  private readonly dutyBits = new Map<DutyCode, number>();
  /** The ground that was gone on from last, by what, and to where: fields of one kind stand together. */
  private lastBefore = NO_GROUND;
  private lastStep = 0;
  private lastGround = NO_GROUND;
  private count = 0;
  /** A hash table of the grounds that go on from others, at most half full; 0 where it is empty, or a ground and one. */
  private table = new Int32Array(1 << 11);

  constructor({ rules, regimes }: Compiled, mostKept: number) {
    this.rules = rules;
    this.regimes = regimes.length;
    this.mostKept = mostKept;
  }

  /** Whether so many are kept that all should be forgotten. Not in the middle of a question, which knows some by number. */
  get isFull(): boolean {
    return this.count >= this.mostKept;
  }

  forget(): void {
    this.beginnings.clear();
    this.governors.length = 0;
    this.decisions = [];
    this.count = 0;
    this.lastBefore = NO_GROUND;
    this.table.fill(0);
  }

  /** The ground of a field that these regimes govern, a bit each; where it comes from one that we do not have, none lets it go. */
  begin(governing: Int32Array, isUnknown: boolean): number {
    const key = isUnknown ? 'unknown' : governing.length === 1 ? governing[0]! : governing.join();
    const known = this.beginnings.get(key);
    if (known !== undefined) return known;
    const regimes = Array.from({ length: this.regimes }, (_, regime) => regime);
    const here = regimes.filter((regime) => (governing[regime >>> 5]! & (1 << (regime & 31))) !== 0);
    this.governors.push(isUnknown ? [] : here);
    const ground = this.make(NO_GROUND, this.governors.length - 1);
    this.beginnings.set(key, ground);
    return ground;
  }

  /** The same and one rule more. */
  goOn(before: number, rule: number, level: number): number {
    const step = rule * LEVELS + level;
    if (before === this.lastBefore && step === this.lastStep) return this.lastGround;
    this.lastBefore = before;
    this.lastStep = step;
    this.lastGround = this.find(before, step);
    return this.lastGround;
  }

  private find(before: number, step: number): number {
    const { table, befores, steps } = this;
    const mask = table.length - 1;
    let at = hash(before, step) & mask;
    for (let found = table[at]!; found !== 0; found = table[at]!) {
      if (befores[found - 1] === before && steps[found - 1] === step) return found - 1;
      at = (at + 1) & mask;
    }
    const ground = this.make(before, step);
    // Where the table grew it was filled anew, with this one.
    if (this.table === table) table[at] = ground + 1;
    return ground;
  }

  private make(before: number, step: number): number {
    const ground = this.count;
    this.count += 1;
    this.befores[ground] = before;
    this.steps[ground] = step;
    if (this.count === this.befores.length) this.grow();
    return ground;
  }

  private grow(): void {
    this.befores = larger(this.befores);
    this.steps = larger(this.steps);
    this.brings = larger(this.brings);
    this.table = new Int32Array(this.table.length * 2);
    const mask = this.table.length - 1;
    for (let ground = 0; ground < this.count; ground += 1) {
      const before = this.befores[ground]!;
      if (before === NO_GROUND) continue;
      let at = hash(before, this.steps[ground]!) & mask;
      while (this.table[at] !== 0) at = (at + 1) & mask;
      this.table[at] = ground + 1;
    }
  }

  decisionOf(ground: number): FieldDecision {
    const known = this.decisions[ground];
    if (known !== undefined) return known;
    const decision = this.conclude(ground);
    this.decisions[ground] = decision;
    let brings = decision.alerts.length > 0 ? MORE : 0;
    if (decision.level > NOTHING) for (const duty of decision.duties) brings |= this.bitOf(duty);
    this.brings[ground] = brings;
    return decision;
  }

  /** Whether there may be a duty or an alert in a decision that was concluded, which others did not bring: 0 if there is none. */
  bringsWhat(ground: number): number {
    return this.brings[ground]!;
  }

  private bitOf(duty: DutyCode): number {
    const known = this.dutyBits.get(duty);
    if (known !== undefined) return known;
    const bit = this.dutyBits.size < 31 ? 1 << this.dutyBits.size : MORE;
    this.dutyBits.set(duty, bit);
    return bit;
  }

  /** The rules that met it, in their order, and how far each carried; and from there as the definition has it. */
  private conclude(ground: number): FieldDecision {
    const { befores, steps, rules } = this;
    const shares: Met[] = [];
    const limits: Met[] = [];
    let at = ground;
    for (; befores[at] !== NO_GROUND; at = befores[at]!) {
      const compiled = rules[Math.floor(steps[at]! / LEVELS)]!;
      (compiled.isShare ? shares : limits).push({ compiled, level: steps[at]! % LEVELS });
    }
    shares.reverse();
    limits.reverse();
    const governing = this.governors[steps[at]!] ?? [];
    const most = new Int32Array(this.regimes);
    for (const { compiled, level } of shares) if (level > most[compiled.regime]!) most[compiled.regime] = level;
    let granted = governing.length === 0 ? NOTHING : BOUNDLESS;
    for (const regime of governing) granted = Math.min(granted, most[regime]!);
    let level = granted;
    for (const limit of limits) level = Math.min(level, limit.level);
    if (limits.length === 0 && level === NOTHING) return NOT_KNOWN;

    const rests: RuleId[] = [];
    const cut: RuleId[] = [];
    const duties: DutyCode[] = [];
    const say: string[] = [];
    const alerts: RuleId[] = [];
    let lastResort = false;
    for (const { compiled, level: reached } of level > NOTHING ? shares : []) {
      const { rule } = compiled;
      // Twice, where it shares the sender by its name and names it too.
      if (reached < level || rule.id === rests.at(-1)) continue;
      if (compiled.lastResort && reachesOrdinarily(shares, compiled.regime, level)) continue;
      rests.push(rule.id);
      addAll(duties, rule.duties);
      if (rule.say !== undefined) addAll(say, [rule.say]);
      lastResort ||= compiled.lastResort;
      if (rule.alert) alerts.push(rule.id);
    }
    for (const { compiled, level: allowed } of limits) {
      const { rule } = compiled;
      addAll(duties, rule.duties);
      if (rule.alert) alerts.push(rule.id);
      if (allowed >= granted) continue;
      cut.push(rule.id);
      if (rule.say !== undefined) addAll(say, [rule.say]);
    }
    return fieldDecision(level as Level, rests, cut, duties, say, lastResort, alerts);
  }
}

interface Met {
  readonly compiled: CompiledRule;
  readonly level: number;
}

function reachesOrdinarily(shares: readonly Met[], regime: number, level: number): boolean {
  return shares.some(
    ({ compiled, level: reached }) => compiled.regime === regime && !compiled.lastResort && reached >= level,
  );
}

/** Each once, in the order in which they came. */
export function addAll<Item>(list: Item[], items: readonly Item[]): void {
  for (const item of items) if (!list.includes(item)) list.push(item);
}

function hash(before: number, step: number): number {
  const mixed = Math.imul(before, 0x9e37_79b1) ^ Math.imul(step, 0x85eb_ca6b);
  return mixed ^ (mixed >>> 15);
}

function larger(array: Int32Array): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(array.length * 2);
  grown.set(array);
  return grown;
}
