import { parseVerifierKey } from '#ledger';
import { MISBEHAVIOURS, type StandIn } from '../../apps/sandbox/agencies/agency.js';
import type { Client, Person, Reply } from '../../apps/sandbox/src/client.js';
import type { MemberId } from '../../apps/sandbox/src/members.js';
import { type OpenSandbox, openSandbox } from './open-sandbox.js';
import {
  advocate,
  ask,
  clinician,
  courtSystem,
  DOCKET,
  dvOfficer,
  isUniform,
  link,
  made,
  masked,
  type Members,
  open,
  openAtShelter,
  receivedIn,
  type Release,
  recordsOffice,
  sign,
  valuesIn,
} from './people.js';
import { readLog, receiptIn } from './read-log.js';

/** Everything that may be told, from whom. What an asker is given is held against it value by value. */
const POLICE_MAY_KNOW: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'harbour-house': { 'contact.safe_phone': '+1 555 010 0142', 'contact.safe_times': 'Weekdays 10:00 to 15:00' },
  'st-brigid': {
    'person.birth_date': '1991',
    'medical.ipv_screen': '3',
    'medical.injury_findings': ['Concussion with no loss of consciousness', 'Fracture of rib', 'Contusion'],
  },
  'county-court': {
    'protection_order.order': 'Protection order after hearing',
    'protection_order.served': '2026-03-11',
    'protection_order.expires': '2027-03-09',
    'protection_order.restricted_person': 'Dale Ellison',
  },
};
const HOSPITAL_MAY_KNOW = {
  'harbour-house': { 'contact.email': 'harbour.142@example.org' },
  'county-police': { 'protection_order.served': '2026-03-11' },
};
/** Asked for in every question, and granted by nobody. */
const NEVER = [
  'contact.actual_address',
  'contact.shelter',
  'risk.safety_plan',
  'medical.mental_health',
  'referral.reason',
];

/** What stands in the agencies' systems about others, or about her where nobody granted it. */
const OTHERS = (
  'Haddad, Noor, Sayegh, Varga, Ines, Calloway, Ruth, 1979, 1957, 2009, 2026-PO-0298, 555 010 0183, 555 010 0156, ' +
  '555 010 0199, Temporary protection order, 2026-12-14, P-60214'
).split(', ');
const HERS_AND_SECRET = [
  'Lantern Way',
  'Alder Street',
  'garden door',
  'Legal aid',
  'HH-0142',
  '900417',
  'P-55821',
  '04-30',
];
/** What would tell how a source failed, or that there was one. */
const TELLING = [
  /error/i,
  /timeout|timed out/i,
  /unreachable|refused|garbage|circuit/i,
  /ECONN|socket|stack|\bat \w+ \(/,
];

interface Case {
  readonly by: MemberId;
  readonly how: (typeof MISBEHAVIOURS)[number] | 'killed';
}

const SOURCES = ['st-brigid', 'harbour-house', 'county-court', 'county-police'] as const satisfies readonly MemberId[];
const HOWS = [...MISBEHAVIOURS, 'killed'] as const;
const CASES: readonly Case[] = SOURCES.flatMap((by) => HOWS.map((how) => ({ by, how })));

interface Asker {
  readonly client: Client;
  readonly person: Person;
  readonly subject: string;
  readonly mayKnow: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

describe('an agency whose system fails or lies', () => {
  let opened: OpenSandbox;
  let members: Members;
  let police: Asker;
  let hospital: Asker;
  /** Someone whom only the police know. */
  let nobody: string;
  const replies: Reply[] = [];

  beforeAll(async () => {
    opened = await openSandbox();
    const { sandbox } = opened;
    members = (id) => sandbox.client(id);
    await sandbox.agencies.court.exportTonight();
    const her = await introduceHer(members);
    police = { client: members('county-police'), person: dvOfficer, subject: her.atPolice, mayKnow: POLICE_MAY_KNOW };
    hospital = { client: members('st-brigid'), person: clinician, subject: her.atHospital, mayKnow: HOSPITAL_MAY_KNOW };
    nobody = await open(members('county-police'), dvOfficer, { localId: 'P-00002' });
  }, 120_000);

  afterAll(() => opened?.close());

  const standIn = (by: MemberId): StandIn => {
    const { hospital: h, shelter, police: p, court } = opened.sandbox.agencies;
    const found = [h, shelter, p, court].find(({ agency }) => String(agency) === by);
    if (found === undefined) throw new RangeError(by);
    return found;
  };
  const fail = (by: MemberId, how: Case['how']) => (how === 'killed' ? standIn(by).kill() : standIn(by).misbehave(how));
  const mend = (by: MemberId, how: Case['how']) => (how === 'killed' ? standIn(by).restart() : standIn(by).behave());
  const during = async <Seen>(
    how: Case['how'],
    sources: readonly MemberId[],
    look: () => Promise<Seen>,
  ): Promise<Seen> => {
    await Promise.all(sources.map((by) => fail(by, how)));
    try {
      return await look();
    } finally {
      await Promise.all(sources.map((by) => mend(by, how)));
    }
  };
  const question = async ({ client, person, subject, mayKnow }: Asker, fields?: readonly string[]) => {
    const all = [...Object.values(mayKnow).flatMap((of) => Object.keys(of)), ...NEVER];
    const reply = await ask(client, person, { subject, fields: fields ?? all });
    replies.push(reply);
    return reply;
  };
  /** All that this asker may know, but for what those in silence would have said. */
  const all = ({ mayKnow }: Asker, ...silent: readonly MemberId[]) =>
    Object.assign(
      {},
      ...Object.entries(mayKnow).map(([by, of]) => (silent.includes(by as MemberId) ? {} : of)),
    ) as object;
  const askerOf = (by: MemberId): Asker => (by === 'county-police' ? hospital : police);

  it('is, while it does neither, asked and answers', async () => {
    for (const asker of [police, hospital]) expect(valuesIn(await question(asker))).toEqual(all(asker));
  });

  const silences = new Map<MemberId, Set<string>>();

  it.each(CASES)('$by, $how: the asker gets what the others hold, and of it nothing', async ({ by, how }) => {
    const asker = askerOf(by);
    const reply = await during(how, [by], () => question(asker));
    expect(valuesIn(await question(asker))).toEqual(all(asker));
    expect(reply.status).toBe(200);
    expect(valuesIn(reply)).toEqual(all(asker, by));
    holdsNothingElse(reply);
    // Only the court's rule lets its name be known. A file in which her docket is missing is an answer: there is nothing.
    const named = by === 'county-court' && how !== 'somebody_else';
    expect(reply.json['silent']).toEqual(named ? [by] : []);
    if (by === 'county-court' && !named) return;
    silences.set(by, (silences.get(by) ?? new Set()).add(masked(reply)));
  });

  it.each(SOURCES)('%s: in whichever way it fails, the answer is the same to the byte', (by) => {
    expect(silences.get(by)?.size).toBe(1);
  });

  it('tells the discloser, and only it, that its system did not answer', async () => {
    const reply = await during('garbage', ['st-brigid'], () => question(police));
    const path = `/v1/disclosures/${receiptIn(reply, log()).entry}/explanation`;
    const hers = await members('st-brigid').get(recordsOffice, path);
    expect(hers).toMatchObject({ status: 200, json: { answered: false } });
    const shelters = await members('harbour-house').get(advocate, path);
    expect(shelters).toMatchObject({ status: 200, json: { answered: true } });
    expect((await members('northgate-logistics').get({ officer: 'b.tate', role: 'caseworker' }, path)).status).toBe(
      404,
    );
  });

  it.each(HOWS)('all of them, %s: the answer is the one that is given about nobody', async (how) => {
    const own: readonly MemberId[] = ['st-brigid', 'harbour-house', 'county-court'];
    const [silent, stranger] = await during(how, own, () =>
      Promise.all([question(police), question({ ...police, subject: nobody })]),
    );
    expect(isUniform(silent)).toBe(true);
    expect(masked(silent)).toBe(masked(stranger));
    expect(valuesIn(await question(police))).toEqual(all(police));
  });

  it('left an entry for every question, in a ledger that verifies', async () => {
    const { verdict, entries } = await readLog(await opened.sandbox.exportLedger(), opened.sandbox.verifierKey);
    expect(verdict).toMatchObject({ kind: 'sound' });
    const leaves = new Map(entries.map(({ entry, leaf }) => [entry, leaf]));
    const receipts = replies.map((reply) => receiptIn(reply, log()));
    expect(new Set(receipts.map(({ entry }) => entry)).size).toBe(replies.length);
    for (const { entry, leaf } of receipts) expect(leaves.get(entry)).toBe(leaf);
  });

  const log = () => ({
    id: opened.sandbox.logId,
    key: parseVerifierKey(opened.sandbox.verifierKey).publicKey,
  });
});

function holdsNothingElse(reply: Reply): void {
  for (const { field } of receivedIn(reply)) expect(NEVER).not.toContain(field);
  const { decision: _decision, receipt: _receipt, ...said } = reply.json;
  const text = JSON.stringify(said);
  for (const word of [...OTHERS, ...HERS_AND_SECRET]) expect(text).not.toContain(word);
  for (const telling of TELLING) expect(text).not.toMatch(telling);
}

interface Her {
  readonly atShelter: string;
  readonly atHospital: string;
  readonly atPolice: string;
}

async function introduceHer(members: Members): Promise<Her> {
  const [shelter, hospital, police] = [members('harbour-house'), members('st-brigid'), members('county-police')];
  const dockets = [{ number: DOCKET, role: 'survivor' }];
  const atShelter = await openAtShelter(members, 'HH-0142');
  const atHospital = await open(hospital, recordsOffice, { localId: '900417' });
  const atPolice = await open(police, dvOfficer, { localId: 'P-55821', dockets });
  await open(members('county-court'), courtSystem, { localId: DOCKET, dockets });
  const shelterSide = ['harbour-house', advocate, atShelter] as const;
  const hospitalSide = ['st-brigid', recordsOffice, atHospital] as const;
  const policeSide = ['county-police', dvOfficer, atPolice] as const;
  await Promise.all([
    link(members, shelterSide, hospitalSide),
    link(members, shelterSide, policeSide),
    link(members, hospitalSide, policeSide),
  ]);
  const tie = { fact: 'perpetrator_at_requester', value: 'no', basis: 'what she told her advocate' };
  const towards = { agency: 'county-police', unit: 'domestic-violence-unit' };
  await made(shelter.post(advocate, `/v1/persons/${atShelter}/facts`, { ...tie, towards }));
  const age = { fact: 'age', value: '18 and over', basis: 'the chart' };
  await made(hospital.post(clinician, `/v1/persons/${atHospital}/facts`, age));
  const agreed: readonly [string, Release][] = [
    [
      atShelter,
      { from: 'harbour-house', to: 'county-police', fields: full('contact.safe_phone', 'contact.safe_times') },
    ],
    [atShelter, { from: 'harbour-house', to: 'st-brigid', fields: full('contact.email') }],
    [
      atHospital,
      {
        from: 'st-brigid',
        to: 'county-police',
        fields: { ...full('medical.injury_findings', 'medical.ipv_screen'), 'person.birth_date': 'year' },
      },
    ],
  ];
  for (const [subject, said] of agreed) expect((await made(sign(members, subject, said)))['state']).toBe('active');
  return { atShelter, atHospital, atPolice };
}

function full(...fields: readonly string[]): Record<string, string> {
  return Object.fromEntries(fields.map((field) => [field, 'full']));
}
