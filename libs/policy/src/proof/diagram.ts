import { PolicyError } from '../error.js';

/** A function of bits, by its place in a diagram. Two functions that say the same are the same node. */
export type Node = number & { readonly __node: true };
export const FALSE = 0 as Node;
export const TRUE = 1 as Node;

const { imul } = Math;
const BOTTOM = 0x7fff_ffff;
const CACHE_SIZE = 1 << 19;
const AND = 0;
const OR = 1;
const WITHOUT = 2;
const MEETS = 3;

/** How much may be remembered, and how much may be done. */
export interface Bounds {
  readonly nodes: number;
  /** Pairs of nodes met, nodes walked over, rules gone through: each takes some tenths of a microsecond. */
  readonly steps: number;
}

/** About 50 MB, and about a second of a processor: an officer's patience, and what a stranger may cost. */
export const USUAL_BOUNDS: Bounds = { nodes: 1 << 21, steps: 3_000_000 };

/**
 * Ordered binary decision diagrams, hash-consed: a node asks one bit and goes on, and no two nodes are alike. Bits are
 * asked in the order of their numbers.
 *
 * THREAT: a policy can be written so that its diagram doubles with each rule. Past either bound every operation throws
 * `POLICY_TOO_INTRICATE`. One diagram answers one question, so that neither its memory nor its time runs away; both bounds
 * count, and the same policies pass or are refused wherever and whenever they are looked at.
 */
export class Diagram {
  private readonly bounds: Bounds;
  private stepsMade = 0;
  private bits = new Int32Array(1 << 12);
  private lows = new Int32Array(1 << 12);
  private highs = new Int32Array(1 << 12);
  private buckets = new Int32Array(1 << 13);
  private nodes = 2;
  /** For a pair of nodes and an operation its result: what falls on a place that is taken pushes out what was there. */
  private readonly cachedFirst = new Int32Array(CACHE_SIZE).fill(-1);
  private readonly cachedSecond = new Int32Array(CACHE_SIZE);
  private readonly cachedResult = new Int32Array(CACHE_SIZE);

  constructor(bounds: Bounds = USUAL_BOUNDS) {
    this.bounds = bounds;
    this.bits[FALSE] = BOTTOM;
    this.bits[TRUE] = BOTTOM;
    this.lows[TRUE] = TRUE;
    this.highs[TRUE] = TRUE;
  }

  get size(): number {
    return this.nodes;
  }

  /** What was done so far. */
  get steps(): number {
    return this.stepsMade;
  }

  /** Whoever goes through nodes or rules without asking for an operation says so. */
  spend(steps: number): void {
    this.stepsMade += steps;
    if (this.stepsMade > this.bounds.steps) throw tooIntricate(`${this.bounds.steps} steps`);
  }

  /** The bit that a node asks; beyond every bit for `FALSE` and `TRUE`. */
  bit(node: Node): number {
    return this.bits[node]!;
  }

  low(node: Node): Node {
    return this.lows[node] as Node;
  }

  high(node: Node): Node {
    return this.highs[node] as Node;
  }

  /** `low` where the bit is 0, `high` where it is 1. Both ask later bits only. */
  node(bit: number, low: Node, high: Node): Node {
    if (low === high) return low;
    const mask = this.buckets.length - 1;
    let bucket = hashOf(bit, low, high) & mask;
    for (let found = this.buckets[bucket]!; found !== 0; found = this.buckets[bucket]!) {
      if (this.bits[found] === bit && this.lows[found] === low && this.highs[found] === high) return found as Node;
      bucket = (bucket + 1) & mask;
    }
    return this.add(bucket, bit, low, high);
  }

  private add(bucket: number, bit: number, low: Node, high: Node): Node {
    if (this.nodes >= this.bounds.nodes) throw tooIntricate(`${this.bounds.nodes} nodes`);
    const made = this.nodes;
    if (made === this.bits.length) this.grow();
    this.nodes += 1;
    this.bits[made] = bit;
    this.lows[made] = low;
    this.highs[made] = high;
    this.buckets[bucket] = made;
    if (this.nodes * 2 > this.buckets.length) this.rehash();
    return made as Node;
  }

  private grow(): void {
    this.bits = twice(this.bits);
    this.lows = twice(this.lows);
    this.highs = twice(this.highs);
  }

  private rehash(): void {
    const buckets = new Int32Array(this.buckets.length * 2);
    const mask = buckets.length - 1;
    for (let node = 2; node < this.nodes; node += 1) {
      let bucket = hashOf(this.bits[node]!, this.lows[node]!, this.highs[node]!) & mask;
      while (buckets[bucket] !== 0) bucket = (bucket + 1) & mask;
      buckets[bucket] = node;
    }
    this.buckets = buckets;
  }

  and(a: Node, b: Node): Node {
    if (a === b || b === TRUE) return a;
    if (a === TRUE) return b;
    if (a === FALSE || b === FALSE) return FALSE;
    return a < b ? this.both(AND, a, b) : this.both(AND, b, a);
  }

  or(a: Node, b: Node): Node {
    if (a === b || b === FALSE) return a;
    if (a === FALSE) return b;
    if (a === TRUE || b === TRUE) return TRUE;
    return a < b ? this.both(OR, a, b) : this.both(OR, b, a);
  }

  /** Where `a` holds and `b` does not. */
  without(a: Node, b: Node): Node {
    if (a === FALSE || a === b || b === TRUE) return FALSE;
    return b === FALSE ? a : this.both(WITHOUT, a, b);
  }

  not(a: Node): Node {
    return this.without(TRUE, a);
  }

  /** Whether both hold somewhere. Makes nothing. */
  meets(a: Node, b: Node): boolean {
    if (a === FALSE || b === FALSE) return false;
    if (a === TRUE || b === TRUE || a === b) return true;
    return a < b ? this.haveInCommon(a, b) : this.haveInCommon(b, a);
  }

  private haveInCommon(a: Node, b: Node): boolean {
    const second = b * 4 + MEETS;
    const place = hashOf(a, second, 0) & (CACHE_SIZE - 1);
    if (this.cachedFirst[place] === a && this.cachedSecond[place] === second) return this.cachedResult[place] === 1;
    this.spend(1);
    const [ofA, ofB] = [this.bits[a]!, this.bits[b]!];
    const made =
      this.meets(ofA <= ofB ? this.low(a) : a, ofB <= ofA ? this.low(b) : b) ||
      this.meets(ofA <= ofB ? this.high(a) : a, ofB <= ofA ? this.high(b) : b);
    this.cachedFirst[place] = a;
    this.cachedSecond[place] = second;
    this.cachedResult[place] = made ? 1 : 0;
    return made;
  }

  /** Whether `b` holds wherever `a` does. */
  implies(a: Node, b: Node): boolean {
    return this.without(a, b) === FALSE;
  }

  /** Pair by pair, so that large functions meet late. */
  any(nodes: readonly Node[]): Node {
    return this.inPairs(nodes, FALSE, (a, b) => this.or(a, b));
  }

  all(nodes: readonly Node[]): Node {
    return this.inPairs(nodes, TRUE, (a, b) => this.and(a, b));
  }

  private inPairs(nodes: readonly Node[], none: Node, join: (a: Node, b: Node) => Node): Node {
    let left = [...new Set(nodes)];
    while (left.length > 1) {
      const joined: Node[] = [];
      for (let at = 0; at < left.length; at += 2) joined.push(join(left[at]!, left[at + 1] ?? none));
      left = joined;
    }
    return left[0] ?? none;
  }

  private both(operation: number, a: Node, b: Node): Node {
    const second = b * 4 + operation;
    const place = hashOf(a, second, 0) & (CACHE_SIZE - 1);
    if (this.cachedFirst[place] === a && this.cachedSecond[place] === second) return this.cachedResult[place] as Node;
    this.spend(1);
    const [ofA, ofB] = [this.bits[a]!, this.bits[b]!];
    const low = this.join(operation, ofA <= ofB ? this.low(a) : a, ofB <= ofA ? this.low(b) : b);
    const high = this.join(operation, ofA <= ofB ? this.high(a) : a, ofB <= ofA ? this.high(b) : b);
    const result = this.node(ofA < ofB ? ofA : ofB, low, high);
    this.cachedFirst[place] = a;
    this.cachedSecond[place] = second;
    this.cachedResult[place] = result;
    return result;
  }

  private join(operation: number, a: Node, b: Node): Node {
    if (operation === AND) return this.and(a, b);
    return operation === OR ? this.or(a, b) : this.without(a, b);
  }

  /** Whether it can hold, whatever the bits from `from` on are. */
  possibly(node: Node, from: number, known = new Map<Node, Node>()): Node {
    if (node === FALSE) return FALSE;
    if (this.bit(node) >= from) return TRUE;
    const before = known.get(node);
    if (before !== undefined) return before;
    this.spend(1);
    const made = this.node(
      this.bit(node),
      this.possibly(this.low(node), from, known),
      this.possibly(this.high(node), from, known),
    );
    known.set(node, made);
    return made;
  }

  /** The same function, that asks instead of each bit from `from` on the one that lies `by` further. */
  shifted(node: Node, from: number, by: number, known = new Map<Node, Node>()): Node {
    if (node <= TRUE || by === 0) return node;
    const before = known.get(node);
    if (before !== undefined) return before;
    this.spend(1);
    const bit = this.bit(node);
    const made = this.node(
      bit >= from ? bit + by : bit,
      this.shifted(this.low(node), from, by, known),
      this.shifted(this.high(node), from, by, known),
    );
    known.set(node, made);
    return made;
  }

  /** What it says of one assignment: for each bit 0 or 1. */
  holds(node: Node, assignment: Uint8Array): boolean {
    let at = node;
    while (at > TRUE) at = assignment[this.bit(at)] === 1 ? this.high(at) : this.low(at);
    return at === TRUE;
  }
}

function hashOf(a: number, b: number, c: number): number {
  let hash = imul(a, 0x9e37_79b1) ^ imul(b, 0x85eb_ca6b) ^ imul(c, 0xc2b2_ae35);
  hash ^= hash >>> 15;
  hash = imul(hash, 0x2c1b_3c6d);
  return hash ^ (hash >>> 13);
}

function twice(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}

export function tooIntricate(most: string): PolicyError {
  return new PolicyError(
    'POLICY_TOO_INTRICATE',
    `too intricate to know in every situation (more than ${most}): fields here depend on too many facts at once. Ask about fewer facts in one rule, or split what asks about several words of lists`,
  );
}
