import { randomBytes } from 'node:crypto';

const PAGE = 4_096;

let page = new Uint8Array(0);
let drawn = 0;

/** Unpredictable bytes, each handed out once. A page at a time: 16 bytes from the system cost as much as thousands. */
export function random(bytes: number): Uint8Array {
  if (bytes > PAGE) return randomBytes(bytes);
  if (drawn + bytes > page.length) {
    page = randomBytes(PAGE);
    drawn = 0;
  }
  drawn += bytes;
  return page.subarray(drawn - bytes, drawn);
}
