import { TILE_WIDTH } from '#ledger';

/**
 * How many fillers bring the log to a size that may be published: the next multiple of 256 beyond the last one that was,
 * also where nothing happened since. That something happened at all would otherwise be there for anyone to see, and in a
 * small county one person may be all that happens in an hour.
 */
export function fillersMissing(size: number, published: number): number {
  const next = (Math.floor(published / TILE_WIDTH) + 1) * TILE_WIDTH;
  return size <= next ? next - size : (TILE_WIDTH - (size % TILE_WIDTH)) % TILE_WIDTH;
}

/** The largest size up to this one that may be published. */
export function publishable(size: number): number {
  return size - (size % TILE_WIDTH);
}

/**
 * When the first of so many fillers is due, that are spread evenly at random over the time that is left. Drawn anew after
 * each of them and after each entry that took the place of one: so their moments stay evenly spread, and where entries lie
 * among them tells nothing.
 *
 * @example
 * const wait = untilFiller(256, 60_000, uniform(random));
 */
export function untilFiller(missing: number, left: number, drawn: number): number {
  return missing === 0 ? left : left * (1 - drawn ** (1 / missing));
}

/** A number above 0 and up to 1, from six random bytes. */
export function uniform(random: (bytes: number) => Uint8Array): number {
  return (Buffer.from(random(6)).readUIntBE(0, 6) + 1) / 2 ** 48;
}
