import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';
import { decode, encode } from 'cborg';

const NONCE = 12;
const TAG = 16;

/** Seals what a row says under a person's key, bound to its table and id: moved to another row, it does not open. */
export function sealRecord(key: KeyObject, table: string, id: string, record: unknown): Buffer {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(`${table}/${id}`));
  return Buffer.concat([nonce, cipher.update(encode(record)), cipher.final(), cipher.getAuthTag()]);
}

/** Throws where the row was altered, moved, or sealed under another key. */
export function openRecord(key: KeyObject, table: string, id: string, sealed: Uint8Array): unknown {
  const opened = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE), {
    authTagLength: TAG,
  });
  opened.setAAD(Buffer.from(`${table}/${id}`));
  opened.setAuthTag(sealed.subarray(sealed.length - TAG));
  return decode(Buffer.concat([opened.update(sealed.subarray(NONCE, sealed.length - TAG)), opened.final()]));
}
