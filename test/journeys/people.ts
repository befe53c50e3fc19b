import { randomUUID } from 'node:crypto';
import type { Client, Person, Reply } from '../../apps/sandbox/src/client.js';
import type { MemberId } from '../../apps/sandbox/src/members.js';

/** Whoever holds the keys of each agency. */
export type Members = (id: MemberId) => Client;

export const advocate: Person = { officer: 'a.keller', role: 'advocate' };
export const clinician: Person = { officer: 'dr.osei', role: 'clinician' };
export const recordsOffice: Person = { officer: 'records-2', role: 'records_officer' };
export const dvOfficer: Person = { officer: 's.lindqvist', role: 'police_officer', unit: 'domestic-violence-unit' };
export const courtSystem: Person = { officer: 'docket-system', role: 'system' };

export const DOCKET = '2026-PO-0311';

type Json = Reply['json'];

/** The answer to a request that must succeed. */
export async function made(asked: Promise<Reply>): Promise<Json> {
  const reply = await asked;
  if (reply.status >= 300) throw new Error(`the gateway answered ${reply.status}: ${reply.text}`);
  return reply.json;
}

export interface Release {
  readonly from: MemberId;
  readonly to: MemberId;
  readonly fields: Readonly<Record<string, string>>;
  readonly purpose?: string;
}

/** A release as she signs it, in writing, for 30 days: explained to her and witnessed by two people of one agency. */
export function release({ from, to, fields, purpose = 'safety_planning' }: Release, at: MemberId): object {
  return {
    kind: 'permit',
    disclosers: [from],
    recipients: [to],
    fields,
    purposes: [purpose],
    end: { kind: 'days', days: 30 },
    signing: {
      form: 'written',
      capacity: { kind: 'adult' },
      signers: [{ kind: 'herself' }],
      witnesses: [{ agency: at, officer: 'n.abara' }],
      informed: {
        explainedBy: { agency: at, officer: advocate.officer },
        notice: 'Release notice 2026-1, in English',
        notAConditionOfService: true,
      },
    },
  };
}

/** Opens the shelter's handle for her, with the release that names the operator. */
export function openAtShelter(members: Members, localId: string): Promise<string> {
  const said: Release = { from: 'harbour-house', to: 'postern-operator', fields: { 'service.enrolment': 'full' } };
  const toOperator = release(said, 'harbour-house');
  return open(members('harbour-house'), advocate, { localId, release: toOperator });
}

export async function open(client: Client, person: Person, body: object): Promise<string> {
  return String((await made(client.post(person, '/v1/handles', body)))['handle']);
}

/** She signs at the agency that will tell. */
export function sign(members: Members, subject: string, said: Release): Promise<Reply> {
  const person = said.from === 'harbour-house' ? advocate : recordsOffice;
  return members(said.from).post(person, '/v1/consents', { subject, ...release(said, said.from) });
}

export function withdraw(members: Members, subject: string, from: MemberId | 'everyone'): Promise<Reply> {
  return members('harbour-house').post(advocate, `/v1/persons/${subject}/withdrawals`, { from });
}

type Side = readonly [member: MemberId, person: Person, handle: string];

/** One agency gives the other a code, which redeems it; both confirm. */
export async function link(members: Members, from: Side, to: Side): Promise<void> {
  const [issuer, redeemer] = [members(from[0]), members(to[0])];
  const terms = { recipient: to[0], legalBasis: 'her written release', validForMinutes: 60 };
  const { id, code } = await made(issuer.post(from[1], `/v1/persons/${from[2]}/link-codes`, terms));
  await made(redeemer.post(to[1], '/v1/link-codes/redemptions', { subject: to[2], code }));
  await made(redeemer.post(to[1], `/v1/link-codes/${String(id)}/confirmation`, {}));
  await made(issuer.post(from[1], `/v1/link-codes/${String(id)}/confirmation`, {}));
}

export interface Asking {
  readonly subject: string;
  readonly fields: readonly string[];
  readonly purpose?: string;
  readonly decision?: string;
}

export function ask(client: Client, person: Person, asking: Asking): Promise<Reply> {
  return client.post(person, '/v1/disclosures', { decision: randomUUID(), purpose: 'safety_planning', ...asking });
}

export interface ReceivedField {
  readonly field: string;
  readonly level: string;
  readonly value: unknown;
  readonly from?: string;
}

/** What was released; nothing in the uniform answer. */
export function receivedIn({ json }: Reply): readonly ReceivedField[] {
  return Array.isArray(json['fields']) ? (json['fields'] as readonly ReceivedField[]) : [];
}

export function valuesIn(reply: Reply): Readonly<Record<string, unknown>> {
  return Object.fromEntries(receivedIn(reply).map(({ field, value }) => [field, value]));
}

/** Whether this is, by its parts, the one answer that says nothing. */
export function isUniform({ status, json }: Reply): boolean {
  return status === 200 && Object.keys(json).toSorted().join() === 'decision,receipt';
}

/** Everything that comes over the wire but what differs in any two answers: ids, receipt and times. */
export function masked(reply: Reply): string {
  const headers = reply.headers.map((each, i) => (reply.headers[i - 1]?.toLowerCase() === 'date' ? '*' : each));
  const own = ['decision', 'receipt', 'asOf', 'validUntil'].flatMap((key) => {
    const value = reply.json[key];
    return typeof value === 'string' ? [value] : [];
  });
  const text = own.reduce((all, one) => all.replace(one, '*'.repeat(one.length)), reply.text);
  return [reply.status, ...headers, text].join('\n');
}

/** The person at both ends, with the code that links them: the shelter holds, the police ask. */
export interface Known {
  readonly atShelter: string;
  readonly atPolice: string;
}

/** Known to the shelter and to the police, and linked. The unit that asks is said not to be tied to him. */
export async function knownToShelterAndPolice(
  members: Members,
  localIds: { readonly shelter: string; readonly police: string },
): Promise<Known> {
  const atShelter = await openAtShelter(members, localIds.shelter);
  const atPolice = await open(members('county-police'), dvOfficer, { localId: localIds.police });
  await link(members, ['harbour-house', advocate, atShelter], ['county-police', dvOfficer, atPolice]);
  await made(
    members('harbour-house').post(advocate, `/v1/persons/${atShelter}/facts`, {
      fact: 'perpetrator_at_requester',
      value: 'no',
      towards: { agency: 'county-police', unit: 'domestic-violence-unit' },
      basis: 'what she told her advocate',
    }),
  );
  return { atShelter, atPolice };
}

export const HER_PHONE: Release = {
  from: 'harbour-house',
  to: 'county-police',
  fields: { 'contact.safe_phone': 'full' },
};
