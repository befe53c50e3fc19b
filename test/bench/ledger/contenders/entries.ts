import { createSecretKey, type KeyObject } from 'node:crypto';
import { random } from '../../../../apps/gateway/src/random.js';
import { commitmentTo, encodeHeader, hourOf, leafOf, logIdOf, type PersonKey, seal, type SealedEntry } from '#ledger';

export const ORIGIN = 'bench.example/postern';
export const LOG_ID = logIdOf(ORIGIN);
export const BODY_SIZE = 400;
/** What disclosures have; fillers and erasures have others. */
const TYPE = 2;
const POLICY = random(32);
const PERSONS = 1_000;

const bodies = Array.from({ length: 4_096 }, () => Uint8Array.from(random(BODY_SIZE)));
const persons: readonly PersonKey[] = Array.from({ length: PERSONS }, () => ({
  id: Uint8Array.from(random(16)),
  secret: secretKey(),
}));
let drawn = 0;

/** The next of many bodies, none of which compresses. */
export function nextBody(): Uint8Array {
  drawn += 1;
  return bodies[drawn % bodies.length] as Uint8Array;
}

/** An entry that holds its body as it is: salt, commitment, header and leaf of its own, and no key. */
export function plainEntry(body: Uint8Array): SealedEntry {
  const [id, at, salt] = [random(16), Date.now(), random(32)];
  const header = encodeHeader({ type: TYPE, hour: hourOf(at), policy: POLICY, id });
  const commitment = commitmentTo(salt, body);
  return {
    id,
    at,
    header,
    commitment,
    leaf: leafOf(header, commitment),
    content: { salt, ciphertext: body },
    keys: [],
  };
}

/** An entry as the gateway records a disclosure: its body sealed, and the key of it wrapped for two persons. */
export function sealedEntry(body: Uint8Array): SealedEntry {
  const keys = [drawn, drawn * 7 + 1].map((nth) => persons[nth % PERSONS] as PersonKey);
  return seal(LOG_ID, { id: random(16), type: TYPE, at: Date.now(), policy: POLICY, body, keys }, random);
}

function secretKey(): KeyObject {
  return createSecretKey(random(32));
}
