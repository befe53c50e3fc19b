import type { FieldName } from '#terms';
import type { FieldDecision } from './decision.js';

/** Fields by their names, in the order asked. Read like a map, made without filling one for each question. */
export class DecidedFields implements ReadonlyMap<FieldName, FieldDecision> {
  readonly size: number;
  private readonly slots: ReadonlyMap<FieldName, number>;
  private readonly decisions: readonly FieldDecision[];

  constructor(slots: ReadonlyMap<FieldName, number>, decisions: readonly FieldDecision[]) {
    this.slots = slots;
    this.decisions = decisions;
    this.size = slots.size;
  }

  get(name: FieldName): FieldDecision | undefined {
    const slot = this.slots.get(name);
    return slot === undefined ? undefined : this.decisions[slot];
  }

  has(name: FieldName): boolean {
    return this.slots.has(name);
  }

  keys(): MapIterator<FieldName> {
    return this.slots.keys();
  }

  values(): MapIterator<FieldDecision> {
    return this.decisions[Symbol.iterator]();
  }

  *entries(): MapIterator<[FieldName, FieldDecision]> {
    for (const [name, slot] of this.slots) {
      const decision = this.decisions[slot];
      if (decision !== undefined) yield [name, decision];
    }
  }

  [Symbol.iterator](): MapIterator<[FieldName, FieldDecision]> {
    return this.entries();
  }

  forEach(each: (decision: FieldDecision, name: FieldName, all: ReadonlyMap<FieldName, FieldDecision>) => void): void {
    for (const [name, decision] of this) each(decision, name, this);
  }
}
