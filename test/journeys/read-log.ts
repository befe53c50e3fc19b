import { createReadStream, readFileSync } from 'node:fs';
import type { KeyObject } from 'node:crypto';
import { decodeHeader, type ExportVerdict, parseVerifierKey, verifyExport, verifyReceipt } from '#ledger';
import { ENTRY_TYPE } from '#disclosure';
import type { Reply } from '../../apps/sandbox/src/client.js';
import type { Recorded } from './history.js';
import { advocate, made, type Members } from './people.js';

/** One line of an exported ledger, as anyone may read it. */
export interface Logged {
  /** The entry's name, 32 hex digits. */
  readonly entry: string;
  /** Its leaf, hex. */
  readonly leaf: string;
  /** The number of its kind, as in the catalogue of entries. */
  readonly type: number;
}

export interface ReadLog {
  readonly verdict: ExportVerdict;
  /** In the order of the log. */
  readonly entries: readonly Logged[];
}

/** Verifies an export as an auditor does, and reads what is not sealed in it. */
export async function readLog(path: string, verifierKey: string): Promise<ReadLog> {
  const verdict = await verifyExport(createReadStream(path), parseVerifierKey(verifierKey));
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n').slice(1);
  const entries = lines.flatMap((line) => {
    const { header, leaf } = JSON.parse(line) as { readonly header?: string; readonly leaf?: string };
    if (header === undefined || leaf === undefined) return [];
    const { type, id } = decodeHeader(Buffer.from(header, 'base64'));
    return [{ entry: hex(id), leaf: hex(Buffer.from(leaf, 'base64')), type }];
  });
  return { verdict, entries };
}

const AT_ONCE = 16;

/** The log's entries, and of each decision whether a value left by it, as the shelter's own account of it says. */
export async function withAccounts(members: Members, entries: readonly Logged[]): Promise<readonly Recorded[]> {
  const recorded: Recorded[] = [];
  for (let from = 0; from < entries.length; from += AT_ONCE)
    recorded.push(
      ...(await Promise.all(entries.slice(from, from + AT_ONCE).map((each) => withAccount(members, each)))),
    );
  return recorded;
}

async function withAccount(members: Members, logged: Logged): Promise<Recorded> {
  if (logged.type !== ENTRY_TYPE.decision) return { ...logged, released: false };
  const path = `/v1/disclosures/${logged.entry}/explanation`;
  const { fields } = await made(members('harbour-house').get(advocate, path));
  return { ...logged, released: (fields as readonly { readonly released: boolean }[]).some((each) => each.released) };
}

export interface Receipt {
  readonly entry: string;
  readonly leaf: string;
}

/** What an answer's receipt says. Throws where this log did not sign it. */
export function receiptIn(reply: Reply, log: { readonly id: Uint8Array; readonly key: KeyObject }): Receipt {
  const bytes = Buffer.from(String(reply.json['receipt']), 'base64url');
  const { entryId, leaf } = verifyReceipt(log.id, bytes, log.key);
  return { entry: hex(entryId), leaf: hex(leaf) };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
