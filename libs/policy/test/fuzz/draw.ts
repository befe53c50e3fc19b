import { randomFrom } from '../boundary-points.js';

/** What chance decides in one run; the same again from the same seed and number. */
export class Draw {
  private readonly random: () => number;

  constructor(seed: number, run: number) {
    this.random = randomFrom((Math.imul(seed, 0x9e37_79b1) ^ Math.imul(run + 1, 0x85eb_ca6b)) | 0);
  }

  /** A whole number below `end`. */
  below(end: number): number {
    return Math.floor(this.random() * end);
  }

  chance(probability: number): boolean {
    return this.random() < probability;
  }

  one<Item>(items: readonly [Item, ...Item[]] | readonly Item[]): Item {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('nothing to draw from');
    return item;
  }

  /** Some of them, in their order. */
  some<Item>(items: readonly Item[], most: number): readonly Item[] {
    const wanted = 1 + this.below(Math.min(most, items.length));
    const from = this.below(items.length - wanted + 1);
    return items.slice(from, from + wanted);
  }
}
