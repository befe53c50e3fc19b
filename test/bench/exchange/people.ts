import { randomUUID } from 'node:crypto';
import { Connection, type Reply } from '../connection.js';
import {
  type AgencySystem,
  type Certified,
  hospital,
  operator,
  shelter,
  shelterUnit,
  signedRequest,
} from './agencies.js';
import { FIELDS, LEVELS, localIdOf } from './record.js';

export const PERSONS = 1_000;
/** Acknowledged changes that narrow are held for the lease: most of the time these wait for nothing but that. */
const AT_ONCE = 128;
/** Questions wait for nothing, so that more at once would only make each later than its lease allows. */
const QUESTIONS_AT_ONCE = 16;

const SIGNING = {
  form: 'written',
  capacity: { kind: 'adult' },
  signers: [{ kind: 'herself' }],
  witnesses: [{ agency: shelter, officer: 'advocate-1' }],
  informed: {
    explainedBy: { agency: shelter, officer: 'advocate-1' },
    notice: 'release notice 2026-1',
    notAConditionOfService: true,
  },
};

/** The handles under which the shelter asks. */
export type Handles = readonly string[];

/**
 * Brings 1,000 survivors into Postern through its API, as agencies would: each signs a release that names the operator, is
 * known to the shelter and to the hospital, linked by a code, and has released her record to the shelter; the hospital,
 * which gains nothing from it, has confirmed that, and has stated that she is an adult and that nobody in the unit that asks
 * is tied to him.
 */
export async function bringIn(port: number, { shelter: ours, hospital: theirs }: Certified): Promise<Handles> {
  const handles: string[] = [];
  const bringInOne = async (n: number, fromShelter: Ask, fromHospital: Ask, fromPrivacyOfficer: Ask): Promise<void> => {
    const release = directive([shelter], [operator], { 'service.enrolment': 'full' });
    const handle = await fromShelter('/v1/handles', { localId: `HH-${n}`, release }, 'handle');
    const theirHandle = await fromHospital('/v1/handles', { localId: localIdOf(n) }, 'handle');
    const code = await fromHospital(
      `/v1/persons/${theirHandle}/link-codes`,
      { recipient: shelter, legalBasis: 'her release', validForMinutes: 60 },
      'code',
      'id',
    );
    const [secret, id] = code.split(' ');
    await fromShelter('/v1/link-codes/redemptions', { subject: handle, code: secret }, 'id');
    await fromShelter(`/v1/link-codes/${id}/confirmation`, {}, 'receipt');
    await fromHospital(`/v1/link-codes/${id}/confirmation`, {}, 'receipt');
    const consent = await fromShelter(
      '/v1/consents',
      { subject: handle, ...directive([hospital], [shelter], LEVELS) },
      'consent',
    );
    await fromHospital(`/v1/consents/${consent}/confirmation`, { kind: 'discloser' }, 'receipt');
    await fromHospital(
      `/v1/persons/${theirHandle}/facts`,
      { fact: 'age', value: '18 and over', basis: 'her identity card' },
      'fact',
    );
    await fromPrivacyOfficer(
      `/v1/persons/${theirHandle}/facts`,
      {
        fact: 'perpetrator_at_requester',
        value: 'no',
        towards: { agency: shelter, unit: shelterUnit },
        basis: 'nobody there knows him',
      },
      'fact',
    );
    handles[n] = handle;
  };
  await inParallel(PERSONS, AT_ONCE, async () => {
    const shelterSide = await Connection.open({ port, ...ours.shown });
    const hospitalSide = await Connection.open({ port, ...theirs.shown });
    const [fromShelter, fromHospital] = [askOn(shelterSide, ours), askOn(hospitalSide, theirs)];
    const fromPrivacyOfficer = askOn(hospitalSide, { ...theirs, role: 'privacy_officer' });
    return {
      work: (n) => bringInOne(n, fromShelter, fromHospital, fromPrivacyOfficer),
      close: () => [shelterSide, hospitalSide].forEach((side) => side.close()),
    };
  });
  return handles;
}

function directive(
  disclosers: readonly string[],
  recipients: readonly string[],
  fields: Readonly<Record<string, string>>,
) {
  const purposes = ['safety_planning'];
  return {
    kind: 'permit',
    disclosers,
    recipients,
    fields,
    purposes,
    end: { kind: 'days', days: 90 },
    signing: SIGNING,
  };
}

/** The question that everything here measures: 40 fields of one person. */
export function questionAbout(asker: AgencySystem, handle: string): Buffer {
  return signedRequest(asker, '/v1/disclosures', {
    decision: randomUUID(),
    subject: handle,
    fields: FIELDS,
    purpose: 'safety_planning',
  });
}

/** Asks about one person after another, so many times; returns the last answer. */
export async function askAround(port: number, asker: AgencySystem, handles: Handles, times: number): Promise<Reply> {
  let last: Reply | undefined;
  await inParallel(times, QUESTIONS_AT_ONCE, async () => {
    const connection = await Connection.open({ port, ...asker.shown });
    const ask = async (n: number): Promise<void> => {
      const reply = await connection.ask(questionAbout(asker, handles[n % handles.length] as string));
      if (reply.status !== 200) throw new Error(`a question was answered ${reply.status}: ${reply.body.toString()}`);
      last = reply;
    };
    return { work: ask, close: () => connection.close() };
  });
  if (last === undefined) throw new RangeError('nobody was asked about');
  return last;
}

/** Posts, and returns the named parts of the answer, with a space between them. */
type Ask = (path: string, body: object, ...wanted: readonly string[]) => Promise<string>;

/** Works through 0 to `count`, each worker on connections of its own; the first failure ends all. */
async function inParallel(
  count: number,
  workers: number,
  open: () => Promise<{ readonly work: (n: number) => Promise<void>; readonly close: () => void }>,
): Promise<void> {
  let next = 0;
  const one = async (): Promise<void> => {
    const { work, close } = await open();
    try {
      while (next < count) await work(next++);
    } catch (error) {
      next = count;
      throw error;
    } finally {
      close();
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, count) }, one));
}

function askOn(connection: Connection, system: AgencySystem): Ask {
  return async (path, body, ...wanted) => {
    const reply = await connection.ask(signedRequest(system, path, body));
    const said = reply.body.toString();
    const answer = JSON.parse(said) as Readonly<Record<string, unknown>>;
    const parts = wanted.map((name) => answer[name]);
    if (reply.status >= 300 || !parts.every((part) => typeof part === 'string'))
      throw new Error(`POST ${path.replace(/[\w-]{22,}/g, '…')} was answered ${reply.status}: ${said}`);
    return parts.join(' ');
  };
}
