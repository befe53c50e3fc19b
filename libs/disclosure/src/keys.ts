import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';
import type { PersonKey } from '#ledger';
import type { Handle } from '#matching';
import type { HandleId, PersonId } from '#terms';
import type { Agency } from './agency.js';
import { DisclosureError } from './error.js';
import type { Gate } from './gate.js';
import type { Random } from './ports.js';

const NONCE = 12;
const TAG = 16;

/** A person's own key, by the name that ledger entries use for it. Hers may have been destroyed while somebody asked. */
export async function keyOfPerson(gate: Pick<Gate, 'known' | 'keyring'>, person: PersonId): Promise<PersonKey> {
  const wrapped = gate.known.wrappedKey(person);
  if (wrapped === undefined) throw new DisclosureError('UNDECIDED', 'what this rests on has changed; nothing has left');
  return { id: Buffer.from(person, 'hex'), secret: await gate.keyring.open(person, wrapped) };
}

/** An agency's own key: for questions about nobody we know, which concern only the agency that asked. */
export async function keyOfAgency(gate: Pick<Gate, 'keyring'>, agency: Agency): Promise<PersonKey> {
  return { id: Buffer.from(agency.keyId, 'hex'), secret: await gate.keyring.open(agency.keyId, agency.wrappedKey) };
}

/** What an agency calls her, sealed under her key and bound to the handle, so that two cannot be exchanged. */
export function sealLocalId(secret: KeyObject, handle: HandleId, localId: string, random: Random): Uint8Array {
  const nonce = random(NONCE);
  const cipher = createCipheriv('aes-256-gcm', secret, nonce);
  cipher.setAAD(Buffer.from(handle));
  return Buffer.concat([nonce, cipher.update(localId, 'utf8'), cipher.final(), cipher.getAuthTag()]);
}

export async function openLocalId(gate: Pick<Gate, 'known' | 'keyring'>, handle: Handle): Promise<string> {
  const sealed = gate.known.sealedLocalId(handle.id);
  if (sealed === undefined) throw new DisclosureError('LEDGER_DAMAGED', 'a handle without a local id');
  const { secret } = await keyOfPerson(gate, handle.person);
  const opened = createDecipheriv('aes-256-gcm', secret, sealed.subarray(0, NONCE), {
    authTagLength: TAG,
  });
  opened.setAAD(Buffer.from(handle.id));
  opened.setAuthTag(sealed.subarray(sealed.length - TAG));
  return Buffer.concat([opened.update(sealed.subarray(NONCE, sealed.length - TAG)), opened.final()]).toString('utf8');
}
