import { type Checkpoint, openCheckpoint, readCheckpoint } from '../../src/checkpoint.js';
import { addCosignatures, encodeWitnessKey, openCosigned, parseWitnessKey } from '../../src/cosignature.js';
import { decodeErasure, encodeErasure } from '../../src/erasure.js';
import { LedgerError } from '../../src/error.js';
import { decodeHeader, encodeHeader } from '../../src/header.js';
import { HASH_SIZE } from '../../src/merkle.js';
import { encodeVerifierKey, parseVerifierKey } from '../../src/note.js';
import { verifyConsistency, verifyInclusion } from '../../src/proof.js';
import { parseReceiptFile, verifyReceiptFile } from '../../src/receipt-file.js';
import { logIdOf } from '../../src/seal.js';
import { parseTilePath, tilePath } from '../../src/tile.js';
import { verifyExport } from '../../src/verify-export.js';
import { verifyTiles } from '../../src/verify-tiles.js';
import {
  encodeAddCheckpoint,
  encodeTreeSize,
  parseAddCheckpoint,
  parseHashes,
  parseTreeSize,
} from '../../src/witness.js';
import { ORIGIN, verifier } from '../../testonly/sample-export.js';
import { Draw } from './draw.js';
import { type Door, DOORS, EARLIER, type Genuine, SIZE } from './genuine.js';
import { mutate } from './mutate.js';

export type Outcome = 'refused' | 'believed';

/** What each door is; a test puts a careless one in its place and must see that it is found. */
export const REAL = { openCheckpoint, openCosigned, verifyInclusion, verifyExport, verifyTiles, parseTilePath };
export type Doors = typeof REAL;

/** What is believed was never signed, or is read in two ways. */
export class Forged extends Error {
  override readonly name = 'Forged';
}

/** One hostile input at one door. Throws where it is neither refused by name nor genuine. */
export async function tryRun(
  genuine: Genuine,
  seed: number,
  run: number,
  doors: Doors = REAL,
): Promise<{ readonly door: Door; readonly outcome: Outcome }> {
  const draw = new Draw(seed, run);
  const door = draw.of(DOORS);
  const bytes = mutate(genuine.bytes[door], Object.values(genuine.bytes), draw);
  try {
    const isBelieved = await enter(door, bytes, genuine, doors);
    return { door, outcome: isBelieved ? 'believed' : 'refused' };
  } catch (error) {
    // A reason with a name, in a few words: the input is not repeated.
    if (error instanceof LedgerError && error.message.length < 300) return { door, outcome: 'refused' };
    throw error;
  }
}

async function enter(door: Door, bytes: Buffer, genuine: Genuine, doors: Doors): Promise<boolean> {
  const text = bytes.toString();
  switch (door) {
    case 'note':
      readCheckpoint(text);
      return signed(doors.openCheckpoint(text, [verifier]), genuine);
    case 'cosigned note':
      return cosigned(text, genuine, doors);
    case 'witness answer':
      return cosigned(addCosignatures(genuine.bytes.note.toString(), text, [genuine.witness]), genuine, doors);
    case 'request':
      return oneForm(encodeAddCheckpoint(parseAddCheckpoint(text)), text);
    case 'tree size':
      return oneForm(encodeTreeSize(parseTreeSize(text)), text);
    case 'proof lines':
      return parseHashes(text).every((hash) => hash.length === HASH_SIZE) || forged('half a hash');
    case 'tile path':
      return oneForm(tilePath(doors.parseTilePath(text)), text);
    case 'tile': {
      const read = genuine.tiles;
      const verdict = await doors.verifyTiles(
        (tile) => Promise.resolve(tilePath(tile) === 'tile/0/000' ? bytes : read.get(tilePath(tile))),
        genuine.checkpoints.at(-1)!,
      );
      return verdict.kind === 'sound' && (bytes.equals(genuine.bytes.tile) || forged('another tile'));
    }
    case 'receipt':
    case 'receipt with proof':
      return receipt(text, genuine);
    case 'export': {
      const verdict = await doors.verifyExport([bytes], verifier);
      return verdict.kind === 'sound' && (bytes.equals(genuine.bytes.export) || forged('another export'));
    }
    case 'log key':
      return oneForm(encodeVerifierKey(parseVerifierKey(text)), text);
    case 'witness key':
      return oneForm(encodeWitnessKey(parseWitnessKey(text)), text);
    case 'header':
      return Buffer.from(encodeHeader(decodeHeader(bytes))).equals(bytes) || forged('two forms');
    case 'erasure':
      return Buffer.from(encodeErasure(decodeErasure(bytes))).equals(bytes) || forged('two forms');
    case 'inclusion proof': {
      const { leaves, index, checkpoints, inclusion } = genuine;
      const isShown = doors.verifyInclusion(index, SIZE, leaves[index]!, split(bytes), checkpoints.at(-1)!.root);
      return isShown && (bytes.equals(Buffer.concat(inclusion)) || forged('another proof'));
    }
    case 'consistency proof': {
      const [older, , newer] = genuine.checkpoints;
      const isShown = verifyConsistency(EARLIER, SIZE, split(bytes), older!.root, newer!.root);
      return isShown && (bytes.equals(Buffer.concat(genuine.consistency)) || forged('another proof'));
    }
  }
}

function cosigned(text: string, genuine: Genuine, doors: Doors): boolean {
  const opened = doors.openCosigned(text, [verifier], [genuine.witness]);
  for (const { time } of opened.cosignatures) if (time !== 1_800_000_000) forged('another time');
  if (opened.cosignatures.length > 0 && opened.size !== SIZE) forged('another tree was cosigned');
  return signed(opened, genuine);
}

function receipt(text: string, genuine: Genuine): boolean {
  const shown = verifyReceiptFile(parseReceiptFile(text), logIdOf(ORIGIN), verifier, [genuine.witness]);
  if (Buffer.compare(shown.receipt.entryId, genuine.entryId) !== 0) forged('another receipt');
  if (shown.kind === 'signed') return true;
  return shown.index === genuine.index ? signed(shown.checkpoint, genuine) : forged('another place');
}

function signed({ origin, size, root }: Checkpoint, { checkpoints }: Genuine): boolean {
  const known = checkpoints.find((one) => one.size === size);
  const isGenuine = origin === ORIGIN && known !== undefined && Buffer.compare(known.root, root) === 0;
  return isGenuine || forged('another checkpoint');
}

function oneForm(again: string, text: string): boolean {
  return again === text || forged('two forms');
}

function forged(what: string): never {
  throw new Forged(`${what} was believed`);
}

/** As many hashes as there are, and a rest that is none. */
function split(bytes: Buffer): Uint8Array[] {
  const hashes: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += HASH_SIZE) hashes.push(bytes.subarray(at, at + HASH_SIZE));
  return hashes;
}
