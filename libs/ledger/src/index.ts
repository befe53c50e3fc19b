export * from './checkpoint.js';
export * from './cosignature.js';
export * from './entry.js';
export * from './erasure.js';
export * from './error.js';
export { exportLedger, EXPORT_FORMAT, type ExportSource } from './export.js';
export { TileEdge, type ReadTile, type TileHashes } from './grow-tiles.js';
export * from './header.js';
export * from './log-store.js';
export {
  EMPTY_HEAD,
  EMPTY_ROOT,
  grow,
  HASH_SIZE,
  leafHash,
  nodeHash,
  rootOf,
  TILE_WIDTH,
  type Head,
  type TileRoot,
} from './merkle.js';
export {
  encodeVerifierKey,
  noteSigner,
  noteVerifier,
  openNote,
  parseVerifierKey,
  signNote,
  type NoteSigner,
  type NoteVerifier,
} from './note.js';
export * from './proof.js';
export * from './receipt.js';
export * from './receipt-file.js';
export * from './seal.js';
export * from './sequencer.js';
export * from './tile.js';
export * from './verify-export.js';
export * from './verify-tiles.js';
export * from './witness.js';
