import { createReadStream } from 'node:fs';
import { type Checkpoint, type NoteVerifier, verifyExport, type WitnessVerifier } from '#ledger';
import type { Finding } from './verdict.js';

export interface ExportToAudit {
  /** A file, or `-` for standard input. */
  readonly path: string;
  readonly key: NoteVerifier | undefined;
  readonly held: readonly Checkpoint[];
  readonly witnesses: readonly WitnessVerifier[];
  readonly quorum: number;
}

/** `auditor verify EXPORT` */
export async function auditExport(asked: ExportToAudit, input: AsyncIterable<Uint8Array>): Promise<Finding> {
  const { path, key, held, witnesses, quorum } = asked;
  const verdict = await verifyExport(path === '-' ? input : createReadStream(path), key, { held, witnesses, quorum });
  if (verdict.kind === 'damaged') return { ...verdict, place: 'the head line' };
  const { origin, size, signedSize, witnessedSize, checkpoints, fillers, erased } = verdict;
  const root = Buffer.from(verdict.root).toString('base64');
  const isWitnessed = witnesses.length === 0 || witnessedSize === size;
  const said = { origin, size, root, signedSize, checkpoints, fillers, erased, keyGiven: key !== undefined };
  return {
    kind: 'sound',
    what: `${size} entries of ${origin}`,
    lines: [
      ['root', root],
      ['signed', `${signedSize} of ${size} entries, by ${checkpoints} checkpoints`],
      ...(witnesses.length === 0 ? [] : [['witnessed', `${witnessedSize} of ${size} entries`] as const]),
      ['fillers', fillers],
      ['erased', erased],
    ],
    said: witnesses.length === 0 ? said : { ...said, witnessedSize },
    open: [
      ...(signedSize < size ? [`nobody vouches for the entries from index ${signedSize} on`] : []),
      ...(isWitnessed ? [] : [`too few witnesses vouch for the entries from index ${witnessedSize} on`]),
    ],
    remarks: key === undefined ? ['the key is the one that the export names: give --key to rule out a forger'] : [],
  };
}
