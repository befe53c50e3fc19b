import { referenceRoot } from './reference-tree.js';

/**
 * The tiles of a tree by the definitions of C2SP tlog-tiles, word for word and without a thought for speed: each hash is
 * the root of its own slice of the leaves. It shares no code with the real one, paths included.
 */
export function referenceTiles(leaves: readonly Buffer[]): Map<string, Buffer> {
  const tiles = new Map<string, Buffer>();
  for (let level = 0; 256 ** level <= leaves.length; level += 1) {
    const span = 256 ** level;
    const hashes: Buffer[] = [];
    for (let i = 0; (i + 1) * span <= leaves.length; i += 1) {
      hashes.push(referenceRoot(leaves.slice(i * span, (i + 1) * span)));
    }
    for (let n = 0; n * 256 < hashes.length; n += 1) {
      const part = hashes.slice(n * 256, (n + 1) * 256);
      tiles.set(referencePath(level, n, part.length), Buffer.concat(part));
    }
  }
  return tiles;
}

export function referencePath(level: number, n: number, width: number): string {
  let digits = String(n);
  while (digits.length % 3 !== 0) digits = `0${digits}`;
  const groups = digits.match(/.../g) ?? [];
  const path = groups.map((group, at) => (at === groups.length - 1 ? group : `x${group}`)).join('/');
  return `tile/${level}/${path}${width === 256 ? '' : `.p/${width}`}`;
}
