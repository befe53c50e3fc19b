import { setImmediate as turn } from 'node:timers/promises';
import type { WitnessedTree, WitnessMemory } from '../src/witness.js';

/** A memory that keeps its promise; with `careless`, one that stores whatever it is given, as the specification warns. */
export function witnessMemory({ careless = false } = {}): WitnessMemory & { readonly sizes: readonly number[] } {
  const latest = new Map<string, WitnessedTree>();
  const sizes: number[] = [];
  return {
    sizes,
    async latest(origin) {
      await turn();
      return latest.get(origin);
    },
    async replace(origin, from, next) {
      await turn();
      if (!careless && (latest.get(origin)?.size ?? 0) !== from) return false;
      latest.set(origin, next);
      sizes.push(next.size);
      return true;
    },
  };
}
