import type { AgencyId } from '#terms';
import { type Client, type County, hospital, operator, police, shelter } from './county.js';

/** Mara Ellison, invented: known to the shelter, the hospital and the police, linked and with releases as in the story. */
export interface Mara {
  readonly atShelter: string;
  readonly atHospital: string;
  readonly atPolice: string;
}

export const domesticViolenceUnit = 'domestic-violence-unit';

export function release(agency: AgencyId, scope: Readonly<Record<string, unknown>>) {
  const advocate = { agency, officer: 'a-7' };
  return {
    kind: 'permit',
    purposes: ['safety_planning'],
    end: { kind: 'days', days: 90 },
    ...scope,
    signing: {
      form: 'written',
      capacity: { kind: 'adult' },
      signers: [{ kind: 'herself' }],
      witnesses: [advocate],
      informed: { explainedBy: advocate, notice: 'release-2026-1', notAConditionOfService: true },
    },
  };
}

export const toOperator = () =>
  release(shelter, { disclosers: [shelter], recipients: [operator], fields: { 'service.enrolment': 'full' } });

/** One agency gives the other a code; both confirm. */
export async function linkByCode(
  county: County,
  issuer: readonly [AgencyId, string],
  redeemer: readonly [AgencyId, string],
): Promise<void> {
  const [one, other] = [county.as(issuer[0]), county.as(redeemer[0])];
  const { id, code } = await made(one, `/v1/persons/${issuer[1]}/link-codes`, {
    recipient: redeemer[0],
    legalBasis: '45 CFR 164.512(b)',
    validForMinutes: 60,
  });
  await made(other, '/v1/link-codes/redemptions', { subject: redeemer[1], code });
  for (const each of [one, other]) await made(each, `/v1/link-codes/${String(id)}/confirmation`, undefined);
}

/** The answer to a request that must succeed. */
export async function made(client: Client, target: string, body: unknown): Promise<Readonly<Record<string, unknown>>> {
  const reply = await client.post(target, body);
  if (reply.status >= 300) throw new Error(`${target}: ${reply.status} ${reply.text}`);
  return reply.body;
}

/** Everybody knows her and may ask; `localIds` are rows of the agencies' systems, or new ones without values. */
export async function enrolMara(
  county: County,
  localIds = { shelter: 'HH-0142', hospital: '900417', police: 'P-55821' },
): Promise<Mara> {
  const open = async (agency: AgencyId, body: unknown): Promise<string> =>
    String((await made(county.as(agency), '/v1/handles', body))['handle']);
  const atShelter = await open(shelter, { localId: localIds.shelter, release: toOperator() });
  const atHospital = await open(hospital, { localId: localIds.hospital });
  const atPolice = await open(police, { localId: localIds.police });
  await linkByCode(county, [shelter, atShelter], [hospital, atHospital]);
  await linkByCode(county, [shelter, atShelter], [police, atPolice]);
  await linkByCode(county, [hospital, atHospital], [police, atPolice]);
  await made(county.as(hospital), `/v1/persons/${atHospital}/facts`, {
    fact: 'age',
    date: '1991-04-30',
    basis: 'birth certificate',
  });
  for (const [unit, value] of [
    [domesticViolenceUnit, 'no'],
    ['detectives', 'yes'],
  ])
    await made(county.as(shelter), `/v1/persons/${atShelter}/facts`, {
      fact: 'perpetrator_at_requester',
      value,
      towards: { agency: police, unit },
      basis: 'she told her advocate',
    });
  return { atShelter, atHospital, atPolice };
}
