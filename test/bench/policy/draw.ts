/** Numbers from a seed (mulberry32): the same workload for everyone who names the same seed. */
export class Draw {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 0;
  }

  /** From 0 up to, not including, 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  one<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item;
  }

  /** At least one and at most so many, none twice. */
  some<Item>(items: readonly Item[], most: number): Item[] {
    const wanted = 1 + this.below(most);
    const chosen = new Set<Item>();
    while (chosen.size < Math.min(wanted, items.length)) chosen.add(this.one(items));
    return [...chosen];
  }
}
