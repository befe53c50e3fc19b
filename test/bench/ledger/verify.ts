import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import type { Pool } from 'pg';
import { commitmentTo, EMPTY_HEAD, grow, HASH_SIZE, type Head, leafOf, noteVerifier, verifyExport } from '#ledger';
import { exportLog, PostgresLog } from '#postgres';
import { sha256 } from '../../../libs/ledger/src/sha256.js';
import { LOG_ID, ORIGIN } from './contenders/entries.js';
import { openPool } from './pool.js';

export interface VerifyOrder {
  readonly url: string;
  /** Where an export may lie for as long as it is verified. */
  readonly file: string;
  /** Also what an auditor does: verifies an export, offline. */
  readonly withExport: boolean;
}

/** CPU seconds of this process, over one and the same log. */
export interface Verified {
  readonly size: number;
  readonly raw: number;
  readonly fromDatabase: number;
  readonly offline: number | undefined;
}

const PAGE = 4_096;
// All of a page in one value, in base64: the driver reads text only, and takes its time over each value.
const PAGES = `
SELECT encode(string_agg(int4send(octet_length(e.header)) || int4send(octet_length(c.ciphertext))
    || e.leaf || e.commitment || e.header || c.salt || c.ciphertext, ''::bytea ORDER BY e.seq), 'base64') AS page
  FROM ledger.entry e JOIN ledger.content c USING (seq) WHERE e.seq >= $1 AND e.seq < $2`;
const SALT = 32;

interface Read {
  readonly leaf: Uint8Array;
  readonly commitment: Uint8Array;
  readonly header: Uint8Array;
  readonly salt: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/**
 * Reads the whole log and recomputes every commitment, every leaf and the tree. Page by page, the hashing that this
 * cannot do without is done once more on the same bytes, with nothing around it: both run under the same neighbours.
 */
export async function verify({ url, file, withExport }: VerifyOrder): Promise<Verified> {
  const pool = openPool(url, 2);
  try {
    const store = await PostgresLog.open<unknown>(pool, LOG_ID, () => Promise.resolve());
    const head = await store.head();
    let tree: Head = EMPTY_HEAD;
    let raw = 0;
    const began = cpu();
    let next = readPage(pool, 0);
    for (let at = 0; at < head.size; at += PAGE) {
      const page = await next;
      if (at + PAGE < head.size) next = readPage(pool, at + PAGE);
      const inOrder = [
        () => void (tree = verifyPage(tree, page)),
        () => {
          const before = cpu();
          hashRaw(page);
          raw += cpu() - before;
        },
      ];
      for (const each of (at / PAGE) % 2 === 0 ? inOrder : inOrder.toReversed()) each();
    }
    const fromDatabase = cpu() - began - raw;
    if (tree.size !== head.size || !same(tree.root, head.root)) throw new Error('the log does not verify');
    return { size: head.size, raw, fromDatabase, offline: withExport ? await offline(store, file) : undefined };
  } finally {
    await pool.end();
  }
}

async function readPage(pool: Pool, from: number): Promise<Buffer> {
  const values = [from, from + PAGE];
  const { rows } = await pool.query<{ page: string | null }>({ name: 'page', text: PAGES, values });
  if (rows[0]?.page == null) throw new Error(`there is nothing from ${from} on`);
  return Buffer.from(rows[0].page, 'base64');
}

function verifyPage(tree: Head, page: Buffer): Head {
  const leaves: Uint8Array[] = [];
  for (const { leaf, commitment, header, salt, ciphertext } of entriesIn(page)) {
    const seq = tree.size + leaves.length;
    if (!same(commitmentTo(salt, ciphertext), commitment)) throw new Error(`the commitment of ${seq} is another`);
    if (!same(leafOf(header, commitment), leaf)) throw new Error(`the leaf of ${seq} is another`);
    leaves.push(leaf);
  }
  return grow(tree, leaves).head;
}

/** For each entry three hashes of as many bytes as its commitment, its leaf and a node of the tree have. */
function hashRaw(page: Buffer): void {
  const node = 1 + 2 * HASH_SIZE;
  for (let at = 0; at < page.length;) {
    const [header, ciphertext] = [page.readInt32BE(at), page.readInt32BE(at + 4)];
    const content = at + 8 + 2 * HASH_SIZE + header;
    const end = content + SALT + ciphertext;
    sha256(page.subarray(content, end));
    sha256(page.subarray(at, at + 1 + header + HASH_SIZE));
    sha256(page.subarray(at, at + node));
    at = end;
  }
}

function* entriesIn(page: Buffer): Generator<Read> {
  for (let at = 0; at < page.length;) {
    const [header, ciphertext] = [page.readInt32BE(at), page.readInt32BE(at + 4)];
    const [leaf, fixed] = [at + 8, at + 8 + 2 * HASH_SIZE];
    const content = fixed + header;
    const end = content + SALT + ciphertext;
    yield {
      leaf: page.subarray(leaf, leaf + HASH_SIZE),
      commitment: page.subarray(leaf + HASH_SIZE, fixed),
      header: page.subarray(fixed, content),
      salt: page.subarray(content, content + SALT),
      ciphertext: page.subarray(content + SALT, end),
    };
    at = end;
  }
}

/** CPU seconds of verifying an export that lies in a file. */
async function offline(store: PostgresLog<unknown>, file: string): Promise<number> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const written = await open(file, 'w');
  try {
    let lines: string[] = [];
    for await (const line of exportLog(store, { origin: ORIGIN, key: privateKey })) {
      lines.push(line);
      if (lines.length < PAGE) continue;
      await written.write(lines.join(''));
      lines = [];
    }
    await written.write(lines.join(''));
    await written.close();
    const began = cpu();
    const key = noteVerifier(ORIGIN, createPublicKey(privateKey));
    const verdict = await verifyExport(createReadStream(file, { highWaterMark: 1 << 20 }), key);
    if (verdict.kind !== 'sound') throw new Error(`the export is ${verdict.damage}: ${verdict.message}`);
    return cpu() - began;
  } finally {
    await rm(file, { force: true });
  }
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
