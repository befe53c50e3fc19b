import { randomUUID } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { verifyReceipt } from '#ledger';
import type { Client, Person, Reply } from './client.js';

/** What one agency asked and what came of it, on both sides. */
export interface Exchange {
  readonly asker: string;
  readonly unit?: string;
  readonly purpose: string;
  readonly wanted: readonly string[];
  readonly status: number;
  /** Empty in the uniform answer. */
  readonly received: readonly Received[];
  readonly duties: readonly string[];
  readonly validUntil?: string;
  readonly explanations: readonly Explanation[];
  /** The ledger's name for the decision, and whether the log's signature over it holds. */
  readonly entry: string;
  readonly receipt: string;
  readonly receiptHolds: boolean;
  /** As it came over the wire. */
  readonly reply: Reply;
}

export interface Received {
  readonly field: string;
  readonly level: string;
  readonly value: unknown;
  readonly from?: string;
}

/** The discloser's own account of the same decision. */
export interface Explanation {
  readonly discloser: string;
  /** Whether its own system answered. */
  readonly answered: boolean;
  readonly fields: readonly ExplainedField[];
}

export interface ExplainedField {
  readonly field: string;
  readonly level: string;
  readonly released: boolean;
  /** The rules that granted or cut, in words. */
  readonly because: string;
}

export interface Asking {
  readonly subject: string;
  readonly fields: readonly string[];
  readonly purpose: string;
  readonly declares?: readonly { readonly ground: string; readonly reason: string }[];
}

/** Asks as `client`, and then has each discloser say why it came out as it did. */
export async function exchange(
  client: Client,
  person: Person,
  asking: Asking,
  disclosers: readonly { readonly client: Client; readonly person: Person }[],
  log: { readonly id: Uint8Array; readonly key: KeyObject },
): Promise<Exchange> {
  const reply = await askUntilDecided(client, person, asking);
  const { receipt, fields, duties, validUntil } = reply.json;
  const bytes = Buffer.from(typeof receipt === 'string' ? receipt : '', 'base64url');
  const entry = bytes.subarray(0, 16).toString('hex');
  const accounts = await Promise.all(disclosers.map((each) => accountOf(each.client, each.person, entry)));
  return {
    asker: client.title,
    ...(person.unit !== undefined && { unit: person.unit }),
    purpose: asking.purpose,
    wanted: asking.fields,
    status: reply.status,
    received: Array.isArray(fields) ? (fields as readonly Received[]) : [],
    duties: Array.isArray(duties) ? (duties as readonly string[]) : [],
    ...(typeof validUntil === 'string' && { validUntil }),
    explanations: accounts.flatMap((account) => account ?? []),
    entry,
    receipt: bytes.toString('base64url'),
    receiptHolds: holds(log, bytes),
    reply,
  };
}

/**
 * A gateway that could not decide in time says so with a 503, and nothing has left. An agency's system then asks anew,
 * under a name of its own.
 */
async function askUntilDecided(client: Client, person: Person, asking: Asking): Promise<Reply> {
  for (let attempt = 1; ; attempt++) {
    const reply = await client.post(person, '/v1/disclosures', { decision: randomUUID(), ...asking });
    if (reply.status !== 503 || attempt === MOST_ATTEMPTS) return reply;
  }
}

const MOST_ATTEMPTS = 3;

interface Rule {
  readonly kind: string;
  readonly id?: string;
  readonly title?: string;
}

interface Accounted {
  readonly field: string;
  readonly level: string;
  readonly released: boolean;
  readonly grantedBy: readonly Rule[];
  readonly cutBy: readonly Rule[];
  readonly nearMisses: readonly string[];
}

/** Undefined where the agency may not know of the decision. */
async function accountOf(client: Client, person: Person, entry: string): Promise<Explanation | undefined> {
  const { status, json } = await client.get(person, `/v1/disclosures/${entry}/explanation`);
  if (status !== 200) return undefined;
  const fields = (json['fields'] as readonly Accounted[]).map((each) => ({
    field: each.field,
    level: each.level,
    released: each.released,
    because: because(each),
  }));
  return { discloser: client.title, answered: json['answered'] === true, fields };
}

export const NOTHING_SHARES_IT = 'nothing shares it as things are';

function because({ level, grantedBy, cutBy, nearMisses }: Accounted): string {
  const cut = cutBy.map((rule) => `cut by ${inWords(rule)}`);
  const granted = level === 'nothing' ? [] : grantedBy.map((rule) => inWords(rule));
  const all = [...granted, ...cut];
  return all.length > 0 ? all.join('; ') : (nearMisses[0] ?? NOTHING_SHARES_IT);
}

function inWords(rule: Rule): string {
  return rule.kind === 'rule' ? `${rule.id ?? ''}: ${rule.title ?? ''}` : 'a safety rule';
}

function holds(log: { readonly id: Uint8Array; readonly key: KeyObject }, receipt: Uint8Array): boolean {
  try {
    verifyReceipt(log.id, receipt, log.key);
    return true;
  } catch {
    return false;
  }
}
