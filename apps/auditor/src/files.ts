import { open, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { type ReadTile, TILE_WIDTH, tilePath } from '#ledger';

/** No note, receipt or proof is longer; a file that is must not fill the memory of whoever looks at it. */
const LONGEST_TEXT = 1 << 20;
const TILE_BYTES = TILE_WIDTH * 32;

/** A file that is there, and is longer than anything it could be. */
export class TooLong extends Error {}

/** A short file as text. */
export async function readText(file: string): Promise<string> {
  const bytes = await readUpTo(file, LONGEST_TEXT);
  if (bytes.length > LONGEST_TEXT) throw new TooLong(`${file} is longer than any such file`);
  return bytes.toString();
}

/** Reads tiles from a folder as a log publishes them. One that is too long is read no further than to see that. */
export function readTileFrom(folder: string): ReadTile {
  return async (tile) => {
    try {
      return await readUpTo(path.join(folder, tilePath(tile)), TILE_BYTES);
    } catch (error) {
      if (isSystemError(error) && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return undefined;
      throw error;
    }
  };
}

export async function isFolder(name: string): Promise<boolean> {
  return (await stat(name)).isDirectory();
}

/** Up to so many bytes, and one more where there are more. */
async function readUpTo(file: string, limit: number): Promise<Buffer> {
  const { size } = await stat(file);
  if (size <= limit) return readFile(file);
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(limit + 1), 0, limit + 1, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

// By their codes and not their classes: Node's own errors may come from another realm than this module.
export function isSystemError(error: unknown): error is { readonly code: string } {
  return typeof error === 'object' && error !== null && 'syscall' in error && 'code' in error;
}
