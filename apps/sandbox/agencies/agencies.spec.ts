import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type ConnectedSource, ConnectorError, parseMapping } from '#connectors';
import {
  type EntryId,
  type FieldName,
  FULL,
  type HandleId,
  instantOf,
  type Level,
  parseVocabulary,
  type Value,
} from '#terms';
import { testDatabase } from '../../../test/postgres.js';
import { CHECKOUT } from '../checkout.js';
import { MISBEHAVIOURS, type StandIn } from './agency.js';
import { type Agencies, startAgencies } from './start.js';

const VOCABULARY = parseVocabulary(
  readFileSync(join(CHECKOUT, 'policies', 'vocabulary.yaml'), 'utf8'),
  'policies/vocabulary.yaml',
);
const NOW = Date.UTC(2026, 10, 22, 12);

let folder: string;
let agencies: Agencies;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'postern-agencies-'));
  agencies = await startAgencies({
    postgres: testDatabase(),
    folder,
    now: () => NOW,
    shelterDatabase: `harbour_house_${process.env['JEST_WORKER_ID'] ?? '1'}`,
  });
  await agencies.court.exportTonight();
}, 30_000);

afterAll(async () => {
  await agencies.stop();
  rmSync(folder, { recursive: true, force: true });
});

function sourceOf({ mappingFile, access }: StandIn): ConnectedSource {
  return connect(parseMapping(readFileSync(mappingFile, 'utf8'), mappingFile, VOCABULARY), access);
}

/** Everything that a source says, in full, about one of its own people; the fields it holds nothing in are left out. */
async function ask(
  source: ConnectedSource,
  localId: string,
  fields: readonly string[] = [...VOCABULARY.fields.keys()].filter((name) => !name.startsWith('envelope.')),
  deadline = 4_000,
): Promise<Record<string, Value>> {
  const wanted = fields.map((name): [FieldName, Level] => {
    const field = VOCABULARY.fields.get(name as FieldName);
    if (field === undefined) throw new Error(`no field ${name}`);
    return [field.name, FULL(field)];
  });
  const answer = await source.answer(
    {
      decision: '00112233445566778899aabbccddeeff' as EntryId,
      subject: 'handle' as HandleId,
      localId,
      fields: new Map(wanted),
      at: instantOf(NOW),
      deadline,
    },
    AbortSignal.timeout(deadline),
  );
  return Object.fromEntries([...answer].flatMap(([name, field]) => ('value' in field ? [[name, field.value]] : [])));
}

const SHE = { hospital: '900417', shelter: 'HH-0142', police: 'P-55821', court: '2026-PO-0311' } as const;
type Name = keyof typeof SHE;
const NAMES: readonly Name[] = ['hospital', 'shelter', 'police', 'court'];

describe('each agency answers in its own protocol, by its own name for her', () => {
  const sources = new Map<Name, ConnectedSource>();
  const answerOf = (name: Name, localId: string, fields?: readonly string[]) => {
    const source = sources.get(name) ?? sourceOf(agencies[name]);
    sources.set(name, source);
    return ask(source, localId, fields);
  };
  afterAll(async () => {
    for (const source of sources.values()) await source.close();
  });

  it('the hospital: injuries by a list of codes, and only the number marked safe', async () => {
    expect(await answerOf('hospital', SHE.hospital)).toEqual({
      'contact.actual_address': {
        lines: ['12 Alder Street', 'Apt 3'],
        city: 'Millbrook',
        region: 'Massachusetts',
        postalCode: '01899',
        country: 'US',
      },
      'contact.safe_phone': '+1 555 010 0142',
      'medical.injury_findings': ['Concussion with no loss of consciousness', 'Fracture of rib', 'Contusion'],
      'medical.ipv_screen': '3',
      'medical.mental_health': ['Posttraumatic stress disorder'],
      'medical.pregnancy': false,
      'person.birth_date': '1991-04-30',
      'person.language': 'English',
      'person.legal_name': 'Mara Jo Ellison',
      'risk.access_label': 'SDV',
      'risk.caution_flag': 'Do not call the home number',
      'risk.strangulation': true,
    });
  });

  it('the shelter: what it may report, and never an advocate note', async () => {
    const answer = await answerOf('shelter', SHE.shelter);
    expect(answer).toMatchObject({
      'contact.safe_phone': '+1 555 010 0142',
      'contact.actual_address': { lines: ['9 Lantern Way, Room 5'], city: 'Fenwick', region: 'Massachusetts' },
      'contact.voicemail_safe': false,
      'person.birth_date': '1991-04-30',
      'risk.da_score': 19,
      'risk.safety_plan': expect.stringContaining('garden door') as unknown,
      'child.safe_pickup': true,
    });
    expect(Object.keys(answer)).toHaveLength(25);
    expect(JSON.stringify(answer)).not.toContain('Johanna');
  });

  it('the police: the order that they served, behind a token', async () => {
    expect(await answerOf('police', SHE.police)).toMatchObject({
      'protection_order.served': '2026-03-11',
      'protection_order.conditions': 'No abuse; No contact; Stay 300 feet from home and work',
      'incident.date': '2026-03-06',
      'incident.dv_indicator': true,
      'legal_case.charge': ['Assault and battery on a household member', 'Strangulation'],
      'offender.custody': 'Released on bail',
    });
  });

  it('the court: the order and its parties by their roles, from last night', async () => {
    expect(await answerOf('court', SHE.court)).toEqual({
      'legal_case.docket': '2026-PO-0311',
      'legal_case.hearing': '2027-02-22',
      'protection_order.conditions':
        'No abuse; no contact, direct or through others; stay 300 feet from home, work and "Fenwick Elementary"',
      'protection_order.expires': '2027-03-09',
      'protection_order.firearm_bar': true,
      'protection_order.issued': '2026-03-09',
      'protection_order.order': 'Protection order after hearing',
      'protection_order.protected_persons': ['Mara Jo Ellison', 'Theo Ellison'],
      'protection_order.restricted_person': 'Dale Ellison',
      'protection_order.served': '2026-03-11',
    });
  });

  it.each(NAMES)('%s: holds nothing about a person it does not know', async (name) => {
    expect(await answerOf(name, '999999')).toEqual({});
  });
});

describe('no way in which an agency fails becomes an answer', () => {
  const fields = { hospital: ['medical.injury_findings'], shelter: ['contact.safe_phone'] } as const;
  const fieldsOf = (name: Name) => (name === 'police' || name === 'court' ? ['protection_order.served'] : fields[name]);

  describe.each(NAMES)('%s', (name) => {
    afterEach(() => agencies[name].behave());

    it.each(MISBEHAVIOURS)('told to: %s', async (how) => {
      const source = sourceOf(agencies[name]);
      await ask(source, SHE[name], fieldsOf(name));
      await agencies[name].misbehave(how);
      const deadline = how === 'stall' ? 700 : undefined;
      const outcome = await ask(source, SHE[name], fieldsOf(name), deadline).catch((error: unknown) =>
        error instanceof ConnectorError ? 'a fault' : error,
      );
      // The court lies by a file in which she is not found: that nothing is known is true of that file.
      expect(outcome).toEqual(name === 'court' && how === 'somebody_else' ? {} : 'a fault');

      await agencies[name].behave();
      expect(Object.keys(await ask(source, SHE[name], fieldsOf(name)))).toEqual(fieldsOf(name));
      await source.close();
    });

    it('killed, and back', async () => {
      const source = sourceOf(agencies[name]);
      expect(Object.keys(await ask(source, SHE[name], fieldsOf(name)))).toEqual(fieldsOf(name));
      await agencies[name].kill();
      await expect(ask(source, SHE[name], fieldsOf(name))).rejects.toBeInstanceOf(ConnectorError);
      await agencies[name].restart();
      expect(Object.keys(await ask(source, SHE[name], fieldsOf(name)))).toEqual(fieldsOf(name));
      await source.close();
    });
  });
});

describe('starting', () => {
  it('says in one sentence that a port is taken, and leaves nothing running', async () => {
    const port = Number(new URL(agencies.hospital.address).port);
    const other = { postgres: testDatabase(), folder: join(folder, 'other'), now: () => NOW };
    await expect(
      startAgencies({ ...other, ports: { hospital: port }, shelterDatabase: 'harbour_house_other' }),
    ).rejects.toMatchObject({ code: 'AGENCY_PORT_TAKEN', message: `Port ${port} is taken by another program.` });
  }, 15_000);

  it('empties no database that it did not make', async () => {
    const postgres = testDatabase();
    const other = { postgres, folder: join(folder, 'other'), now: () => NOW, shelterDatabase: postgres.database };
    await expect(startAgencies(other)).rejects.toMatchObject({ code: 'AGENCY_DATABASE_TAKEN' });
  });
});
