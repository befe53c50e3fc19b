import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { type Checkpoint, signCheckpoint } from '../../src/checkpoint.js';
import {
  cosign,
  encodeWitnessKey,
  type WitnessVerifier,
  witnessSigner,
  witnessVerifier,
} from '../../src/cosignature.js';
import { encodeErasure } from '../../src/erasure.js';
import { parseEntryLine } from '../../src/export.js';
import { TileEdge } from '../../src/grow-tiles.js';
import { encodeHeader } from '../../src/header.js';
import { EMPTY_HEAD, grow, pack } from '../../src/merkle.js';
import { encodeVerifierKey } from '../../src/note.js';
import { encodeReceiptProof } from '../../src/receipt-file.js';
import { signReceipt } from '../../src/receipt.js';
import { logIdOf } from '../../src/seal.js';
import { tilePath } from '../../src/tile.js';
import { encodeAddCheckpoint, encodeTreeSize } from '../../src/witness.js';
import { referenceConsistency, referenceInclusion } from '../../testonly/reference-tree.js';
import { ORIGIN, sampleExport, signer, verifier } from '../../testonly/sample-export.js';

/** What is genuine: signed by the one log and the one witness there are, and the only thing that may be believed. */
export interface Genuine {
  readonly checkpoints: readonly Checkpoint[];
  readonly witness: WitnessVerifier;
  readonly leaves: readonly Buffer[];
  readonly index: number;
  readonly entryId: Uint8Array;
  readonly tiles: ReadonlyMap<string, Uint8Array>;
  readonly inclusion: readonly Buffer[];
  readonly consistency: readonly Buffer[];
  /** The bytes at each door. */
  readonly bytes: Readonly<Record<Door, Uint8Array>>;
}

export const DOORS = [
  'note',
  'cosigned note',
  'witness answer',
  'request',
  'tree size',
  'proof lines',
  'tile path',
  'tile',
  'receipt',
  'receipt with proof',
  'export',
  'log key',
  'witness key',
  'header',
  'erasure',
  'inclusion proof',
  'consistency proof',
] as const;
export type Door = (typeof DOORS)[number];

const SIZE = 300;
const EARLIER = 100;

const asBytes = (value: string | Uint8Array): Uint8Array => (typeof value === 'string' ? Buffer.from(value) : value);

export async function makeGenuine(): Promise<Genuine> {
  const lines = await sampleExport((entry) => entry, SIZE);
  const entries = lines.flatMap((line) => parseEntryLine(line) ?? []);
  const leaves = entries.map(({ leaf }) => Buffer.from(leaf));
  const seed = createHash('sha256').update('a witness').digest();
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  const by = witnessSigner('witness.example/w', createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
  const witness = witnessVerifier(by.name, createPublicKey(by.privateKey));
  const checkpointAt = (size: number): Checkpoint => ({
    origin: ORIGIN,
    size,
    root: grow(EMPTY_HEAD, leaves.slice(0, size)).head.root,
  });
  const checkpoints = [EARLIER, 270, SIZE].map(checkpointAt);
  const note = signCheckpoint(checkpointAt(SIZE), signer);
  const lineBy = cosign(note, by, 1_800_000_000);
  const edge = TileEdge.empty();
  const tiles = new Map(
    [...edge.add(pack(leaves)), ...edge.partial()].map(({ tile, hashes }) => [tilePath(tile), hashes]),
  );
  const index = 17;
  const entryId = Buffer.alloc(16, 3);
  const receipt = await signReceipt(logIdOf(ORIGIN), { entryId, leaf: leaves[index]! }, signer.privateKey);
  const inclusion = referenceInclusion(index, leaves);
  const consistency = referenceConsistency(EARLIER, leaves);
  const bytes: Record<Door, string | Uint8Array> = {
    note,
    'cosigned note': `${note}${lineBy}`,
    'witness answer': lineBy,
    request: encodeAddCheckpoint({ oldSize: EARLIER, proof: consistency, note }),
    'tree size': encodeTreeSize(SIZE),
    'proof lines': consistency.map((hash) => `${hash.toString('base64')}\n`).join(''),
    'tile path': 'tile/1/x001/x234/067.p/17',
    tile: tiles.get('tile/0/000') ?? new Uint8Array(0),
    receipt: Buffer.from(receipt).toString('base64url'),
    'receipt with proof': encodeReceiptProof({ receipt, index, proof: inclusion, note: `${note}${lineBy}` }),
    export: lines.join(''),
    'log key': encodeVerifierKey(verifier),
    'witness key': encodeWitnessKey(witness),
    header: encodeHeader({ type: 2, hour: 500_000, policy: new Uint8Array(32).fill(7), id: entryId }),
    erasure: encodeErasure([1, 5, 290]),
    'inclusion proof': Buffer.concat(inclusion),
    'consistency proof': Buffer.concat(consistency),
  };
  const doors = Object.fromEntries(DOORS.map((door) => [door, asBytes(bytes[door])]));
  return {
    checkpoints,
    witness,
    leaves,
    index,
    entryId,
    tiles,
    inclusion,
    consistency,
    bytes: doors as Record<Door, Uint8Array>,
  };
}

export { EARLIER, SIZE };
