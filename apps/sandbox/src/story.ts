import { createReadStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { parseVerifierKey, verifyExport } from '#ledger';
import type { Person, Reply } from './client.js';
import { type Asking, type Exchange, exchange } from './exchange.js';
import type { MemberId } from './members.js';
import type { Sandbox } from './start-sandbox.js';

/** One thing that happens, and whether it happened as the story says. */
export interface Step {
  readonly id: string;
  readonly title: string;
  readonly exchanges: readonly Exchange[];
  /** What else is worth telling, a sentence each. */
  readonly told: readonly string[];
  /** Empty where everything was as it should be. */
  readonly wrong: readonly string[];
}

const DOCKET = '2026-PO-0311';
const THREAT = { ground: 'serious_imminent_threat', reason: 'He called from the road and said that he is armed.' };
const ORDER = [
  'protection_order.order',
  'protection_order.conditions',
  'protection_order.served',
  'protection_order.expires',
];
const IN_DANGER = [
  'person.legal_name',
  'person.birth_date',
  'medical.injury_findings',
  'contact.safe_phone',
  'contact.actual_address',
];
const PHONE_AND_ADDRESS = ['contact.safe_phone', 'contact.actual_address'];

const advocate: Person = { officer: 'a.keller', role: 'advocate' };
const clinician: Person = { officer: 'dr.osei', role: 'clinician' };
const recordsOffice: Person = { officer: 'records-2', role: 'records_officer' };
const dvOfficer: Person = { officer: 's.lindqvist', role: 'police_officer', unit: 'domestic-violence-unit' };
const detective: Person = { officer: 'j.ellison', role: 'police_officer', unit: 'detectives' };
const policeClerk: Person = { officer: 'c.moran', role: 'clerk', unit: 'domestic-violence-unit' };
const courtSystem: Person = { officer: 'docket-system', role: 'system' };
const foreman: Person = { officer: 'b.tate', role: 'caseworker' };

/**
 * What happens to Mara Ellison, who is invented: nine things, told by asking the running gateway over mutual TLS as each
 * agency would. `tell` hears of each step as it ends.
 */
export async function runStory(sandbox: Sandbox, tell: (step: Step) => void): Promise<readonly Step[]> {
  const story = new Story(sandbox);
  const steps: Step[] = [];
  for (const name of STEPS) {
    const told = await story[name]();
    steps.push(told);
    tell(told);
    // What follows rests on what went before; a story that went wrong is not told on.
    if (told.wrong.length > 0) break;
  }
  return steps;
}

const STEPS = ['before', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'] as const;

class Story {
  readonly #sandbox: Sandbox;
  readonly #log: { readonly id: Uint8Array; readonly key: ReturnType<typeof parseVerifierKey>['publicKey'] };
  readonly #exchanges: Exchange[] = [];
  #atShelter = '';
  #atHospital = '';
  #atPolice = '';
  #tied: Exchange | undefined;

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
    this.#log = { id: sandbox.logId, key: parseVerifierKey(sandbox.verifierKey).publicKey };
  }

  async before(): Promise<Step> {
    const notes = new Notes();
    this.#atShelter = await this.#open('harbour-house', advocate, {
      localId: 'HH-0142',
      release: release({ from: 'harbour-house', to: 'postern-operator', fields: { 'service.enrolment': 'full' } }),
    });
    notes.tell(
      'At Harbour House she signs a release that names Postern’s operator. Before that, nobody here knew of her.',
    );
    this.#atHospital = await this.#open('st-brigid', recordsOffice, { localId: '900417' });
    this.#atPolice = await this.#open('county-police', policeClerk, {
      localId: 'P-55821',
      dockets: [{ number: DOCKET, role: 'survivor' }],
    });
    await Promise.all([
      this.#link(
        ['harbour-house', advocate, this.#atShelter],
        ['st-brigid', recordsOffice, this.#atHospital],
        'her written release',
      ),
      this.#link(
        ['harbour-house', advocate, this.#atShelter],
        ['county-police', policeClerk, this.#atPolice],
        'her written release',
      ),
      this.#link(
        ['st-brigid', clinician, this.#atHospital],
        ['county-police', policeClerk, this.#atPolice],
        'mandatory injury report',
      ),
    ]);
    notes.tell('Three one-time codes link what the shelter, the hospital and the police each call her.');
    await Promise.all([
      this.#state('st-brigid', clinician, this.#atHospital, { fact: 'age', value: '18 and over', basis: 'the chart' }),
      this.#stateTie('domestic-violence-unit', 'no'),
      this.#stateTie('detectives', 'yes'),
    ]);
    notes.tell('The hospital states that she is an adult; her advocate, that his brother works with the detectives.');
    const toShelter = await this.#sign(
      release({
        from: 'st-brigid',
        to: 'harbour-house',
        fields: { 'medical.injury_findings': 'full', 'person.birth_date': 'year' },
      }),
    );
    notes.expect(toShelter.json['state'] === 'pending', 'a release that the shelter gains from waits for the hospital');
    await this.#confirm(notes);
    notes.tell(
      'For 90 days the hospital may tell the shelter her injuries and her year of birth. Its records office confirms that.',
    );
    const toPolice = await this.#sign(
      release({ from: 'harbour-house', to: 'county-police', fields: { 'contact.safe_phone': 'full' } }),
    );
    notes.expect(toPolice.json['state'] === 'active', 'a release that the shelter gives from its own is active');
    notes.tell('For 90 days the shelter may tell the police her safe phone.');
    return notes.step('before', 'She decides who may know what', []);
  }

  async a(): Promise<Step> {
    const notes = new Notes();
    const fields = ['medical.injury_findings', 'person.birth_date', 'medical.mental_health', 'contact.actual_address'];
    const asked = await this.#ask(
      'harbour-house',
      advocate,
      { subject: this.#atShelter, fields, purpose: 'safety_planning' },
      ['st-brigid'],
    );
    notes.got(asked, { 'medical.injury_findings': 'full', 'person.birth_date': 'year' });
    const born = asked.received.find(({ field }) => field === 'person.birth_date')?.value;
    notes.expect(String(born) === '1991', 'her birth date comes as a year');
    return notes.step('a', 'The shelter asks the hospital how badly she is hurt', [asked]);
  }

  async b(): Promise<Step> {
    const notes = new Notes();
    const asked = await this.#askForPhone(dvOfficer);
    notes.got(asked, { 'contact.safe_phone': 'full' });
    return notes.step('b', 'The domestic-violence unit asks for her phone and her address', [asked]);
  }

  async c(): Promise<Step> {
    const notes = new Notes();
    const asked = await this.#askForPhone(detective);
    notes.uniform(asked);
    this.#tied = asked;
    notes.tell('The unit where his brother works gets the one answer that says nothing.');
    return notes.step('c', 'A detective of his brother’s unit asks the same', [asked]);
  }

  async d(): Promise<Step> {
    const notes = new Notes();
    const nobody = await this.#open('county-police', policeClerk, { localId: 'P-00001' });
    const asked = await this.#ask(
      'county-police',
      policeClerk,
      { subject: nobody, fields: PHONE_AND_ADDRESS, purpose: 'safety_planning' },
      [],
    );
    notes.uniform(asked);
    const same = this.#tied !== undefined && masked(asked) === masked(this.#tied);
    notes.expect(same, 'a person nobody holds is answered with the same bytes as a person withheld');
    if (same) notes.tell('The same bytes as before, once ids, receipt and date are masked.');
    return notes.step('d', 'A clerk asks about a person nobody else knows', [asked]);
  }

  async e(): Promise<Step> {
    const notes = new Notes();
    const asking = { subject: this.#atPolice, fields: IN_DANGER, purpose: 'emergency', declares: [THREAT] };
    const first = await this.#ask('county-police', dvOfficer, asking, ['harbour-house', 'st-brigid']);
    notes.uniform(first);
    notes.tell('What the police declare opens nothing by itself. It puts a question before a person at the hospital.');
    const hospital = this.#sandbox.client('st-brigid');
    const { json } = await hospital.get(clinician, '/v1/questions');
    const [question] = json['questions'] as readonly { readonly id: string; readonly fields: readonly string[] }[];
    notes.expect(question !== undefined, 'a question waits for the hospital’s clinician');
    if (question === undefined) return notes.step('e', 'The police say that she is in danger now', [first]);
    await must(
      hospital.post(clinician, `/v1/questions/${question.id}/answer`, {
        answer: 'confirm',
        grounds: [THREAT.ground],
        reason: 'She was treated here on Friday; the injuries and his messages bear it out.',
      }),
    );
    notes.tell('The clinician confirms it, with her own reason. The police ask again.');
    const second = await this.#ask('county-police', dvOfficer, asking, ['harbour-house', 'st-brigid']);
    notes.got(second, { 'person.legal_name': 'full', 'person.birth_date': 'year', 'medical.injury_findings': 'full' });
    const reviews = await hospital.get(recordsOffice, '/v1/reviews');
    const [review] = reviews.json['reviews'] as readonly { readonly due: string }[];
    notes.expect(review !== undefined, 'a review item waits at the hospital');
    if (review !== undefined) notes.tell(`A second person at the hospital must review this by ${review.due}.`);
    return notes.step('e', 'The police say that she is in danger now', [first, second]);
  }

  async f(): Promise<Step> {
    const notes = new Notes();
    await must(
      this.#sandbox
        .client('harbour-house')
        .post(advocate, `/v1/persons/${this.#atShelter}/withdrawals`, { from: 'county-police' }),
    );
    notes.tell('She tells her advocate to stop sharing with the police. It holds from this moment.');
    const asked = await this.#askForPhone(dvOfficer);
    notes.uniform(asked);
    return notes.step('f', 'She withdraws, and the police ask once more', [asked]);
  }

  async g(): Promise<Step> {
    const notes = new Notes();
    await this.#sandbox.agencies.court.exportTonight();
    const [employed] = await Promise.all([
      this.#open('northgate-logistics', foreman, {
        localId: 'E-2207',
        dockets: [{ number: DOCKET, role: 'person_using_violence' }],
      }),
      this.#open('county-court', courtSystem, { localId: DOCKET, dockets: [{ number: DOCKET, role: 'survivor' }] }),
    ]);
    notes.tell(
      'The court’s nightly file carries a protection order. Docket number and role link it to the police’s file.',
    );
    const order = { fields: ORDER, purpose: 'protection_order' };
    const toPolice = await this.#ask('county-police', dvOfficer, { subject: this.#atPolice, ...order }, [
      'county-court',
    ]);
    notes.got(toPolice, Object.fromEntries(ORDER.map((field) => [field, 'full'])));
    const served = { subject: this.#atHospital, fields: ['protection_order.served'], purpose: 'safety_planning' };
    const toHospital = await this.#ask('st-brigid', clinician, served, ['county-police']);
    notes.got(toHospital, { 'protection_order.served': 'full' });
    const toEmployer = await this.#ask('northgate-logistics', foreman, { subject: employed, ...order }, []);
    notes.uniform(toEmployer);
    return notes.step('g', 'A protection order: for the police, for the hospital, never for his employer', [
      toPolice,
      toHospital,
      toEmployer,
    ]);
  }

  async h(): Promise<Step> {
    const notes = new Notes();
    await this.#sandbox.agencies.hospital.kill();
    notes.tell('The hospital’s server dies.');
    const asking: Asking = {
      subject: this.#atPolice,
      fields: [...ORDER, ...IN_DANGER],
      purpose: 'emergency',
      declares: [THREAT],
    };
    const without = await this.#ask('county-police', dvOfficer, asking, ['county-court', 'st-brigid']);
    notes.got(without, Object.fromEntries(ORDER.map((field) => [field, 'full'])));
    await this.#sandbox.agencies.hospital.restart();
    notes.tell('It comes back. Nothing was lost: the entry is there, and the question can be asked again.');
    const again = await this.#ask('county-police', dvOfficer, asking, ['county-court', 'st-brigid']);
    notes.expect(
      again.received.some(({ field }) => field === 'medical.injury_findings'),
      'the hospital answers again once it is back',
    );
    return notes.step('h', 'The police ask for everything while the hospital’s server is down', [without, again]);
  }

  async i(): Promise<Step> {
    const notes = new Notes();
    const path = await this.#sandbox.exportLedger();
    const key = parseVerifierKey(this.#sandbox.verifierKey);
    const verdict = await verifyExport(createReadStream(path), key);
    notes.expect(verdict.kind === 'sound', 'the exported ledger verifies');
    if (verdict.kind === 'sound') {
      notes.tell(
        `The ledger’s ${verdict.size} entries verify, and a signed checkpoint vouches for ${verdict.signedSize} of them.`,
      );
      notes.tell(`Root ${Buffer.from(verdict.root).toString('base64')}`);
    }
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    const ids = lines.map(entryIn);
    for (const { entry } of this.#exchanges) notes.expect(ids.includes(entry), `entry ${entry} is in the export`);
    const target = ids.indexOf(this.#exchanges[Math.floor(this.#exchanges.length / 2)]?.entry ?? '');
    const changed = lines.map((line, index) => (index === target ? withOneByteChanged(line) : line));
    const damagedPath = path.replace('.ndjson', '.one-byte-changed.ndjson');
    await writeFile(damagedPath, `${changed.join('\n')}\n`);
    const damaged = await verifyExport(createReadStream(damagedPath), key);
    const place = (JSON.parse(lines[target] ?? '{}') as { readonly seq?: number }).seq;
    notes.expect(
      damaged.kind === 'damaged' && damaged.index === place,
      'the auditor names the place of one changed byte',
    );
    if (damaged.kind === 'damaged')
      notes.tell(`One byte changed: ${damaged.damage} at index ${String(damaged.index)}. ${damaged.message}`);
    notes.tell(`See for yourself: npm run auditor -- verify ${path} --key ${this.#sandbox.verifierKey}`);
    return notes.step('i', 'A sceptic checks the ledger', []);
  }

  async #ask(asker: MemberId, person: Person, asking: Asking, disclosers: readonly MemberId[]): Promise<Exchange> {
    const told = disclosers.map((id) => ({ client: this.#sandbox.client(id), person: privacyDeskOf(id) }));
    const asked = await exchange(this.#sandbox.client(asker), person, asking, told, this.#log);
    this.#exchanges.push(asked);
    return asked;
  }

  #askForPhone(person: Person): Promise<Exchange> {
    const asking = { subject: this.#atPolice, fields: PHONE_AND_ADDRESS, purpose: 'safety_planning' };
    return this.#ask('county-police', person, asking, ['harbour-house']);
  }

  async #open(member: MemberId, person: Person, body: object): Promise<string> {
    const { json } = await must(this.#sandbox.client(member).post(person, '/v1/handles', body));
    return String(json['handle']);
  }

  async #link(
    from: readonly [MemberId, Person, string],
    to: readonly [MemberId, Person, string],
    legalBasis: string,
  ): Promise<void> {
    const [one, issuing, hers] = from;
    const [other, redeeming, theirs] = to;
    const [issuer, redeemer] = [this.#sandbox.client(one), this.#sandbox.client(other)];
    const asked = { recipient: other, legalBasis, validForMinutes: 60 };
    const { json } = await must(issuer.post(issuing, `/v1/persons/${hers}/link-codes`, asked));
    await must(redeemer.post(redeeming, '/v1/link-codes/redemptions', { subject: theirs, code: json['code'] }));
    await must(redeemer.post(redeeming, `/v1/link-codes/${String(json['id'])}/confirmation`, {}));
    await must(issuer.post(issuing, `/v1/link-codes/${String(json['id'])}/confirmation`, {}));
  }

  #state(member: MemberId, person: Person, handle: string, fact: object): Promise<Reply> {
    return must(this.#sandbox.client(member).post(person, `/v1/persons/${handle}/facts`, fact));
  }

  #stateTie(unit: string, value: 'yes' | 'no'): Promise<Reply> {
    const towards = { agency: 'county-police', unit };
    const said = { fact: 'perpetrator_at_requester', value, towards, basis: 'what she told her advocate' };
    return this.#state('harbour-house', advocate, this.#atShelter, said);
  }

  #sign(said: object): Promise<Reply> {
    return must(
      this.#sandbox.client('harbour-house').post(advocate, '/v1/consents', { subject: this.#atShelter, ...said }),
    );
  }

  async #confirm(notes: Notes): Promise<void> {
    const hospital = this.#sandbox.client('st-brigid');
    const { json } = await must(hospital.get(recordsOffice, '/v1/consents/pending'));
    const [pending] = json['consents'] as readonly { readonly id: string }[];
    notes.expect(pending !== undefined, 'the hospital’s records office sees the release that waits for it');
    if (pending === undefined) return;
    const { json: after } = await must(
      hospital.post(recordsOffice, `/v1/consents/${pending.id}/confirmation`, { kind: 'discloser' }),
    );
    notes.expect(after['state'] === 'active', 'the release is active once the hospital has confirmed it');
  }
}

/** At the police she sits with a unit: whoever states none is taken to be of every unit, his brother's too. */
function privacyDeskOf(member: MemberId): Person {
  const desk = { officer: 'privacy-desk', role: 'privacy_officer' };
  return member === 'county-police' ? { ...desk, unit: 'domestic-violence-unit' } : desk;
}

/** What a step tells, and what in it was not as the story says. */
class Notes {
  readonly #told: string[] = [];
  readonly #wrong: string[] = [];

  tell(sentence: string): void {
    this.#told.push(sentence);
  }

  expect(held: boolean, sentence: string): void {
    if (!held) this.#wrong.push(`It should be that ${sentence}.`);
  }

  /** Exactly these fields at these levels. */
  got(asked: Exchange, levels: Readonly<Record<string, string>>): void {
    const got = Object.fromEntries(asked.received.map(({ field, level }) => [field, level]));
    this.expect(
      inOrder(got) === inOrder(levels),
      `${asked.asker} gets ${inOrder(levels)}; it got ${inOrder(got)} (${asked.status})`,
    );
    this.expect(asked.receiptHolds, 'the log’s signature over the receipt holds');
  }

  uniform(asked: Exchange): void {
    const keys = Object.keys(asked.reply.json).toSorted().join();
    this.expect(
      asked.status === 200 && keys === 'decision,receipt',
      `${asked.asker} gets the uniform answer; it got ${asked.reply.text}`,
    );
    this.expect(asked.receiptHolds, 'the log’s signature over the receipt holds');
  }

  step(id: string, title: string, exchanges: readonly Exchange[]): Step {
    return { id, title, exchanges, told: this.#told, wrong: this.#wrong };
  }
}

interface ReleaseWords {
  readonly from: MemberId;
  readonly to: MemberId;
  readonly fields: Readonly<Record<string, string>>;
}

/** A release as she signs it at the shelter: in writing, explained, witnessed, for 90 days. */
function release({ from, to, fields }: ReleaseWords): object {
  return {
    kind: 'permit',
    disclosers: [from],
    recipients: [to],
    fields,
    purposes: ['safety_planning'],
    end: { kind: 'days', days: 90 },
    signing: {
      form: 'written',
      capacity: { kind: 'adult' },
      signers: [{ kind: 'herself' }],
      witnesses: [{ agency: 'harbour-house', officer: 'n.abara' }],
      informed: {
        explainedBy: { agency: 'harbour-house', officer: advocate.officer },
        notice: 'Release notice 2026-1, in English',
        notAConditionOfService: true,
      },
    },
  };
}

async function must(asked: Promise<Reply>): Promise<Reply> {
  const reply = await asked;
  if (reply.status >= 300) throw new Error(`the gateway answered ${reply.status}: ${reply.text}`);
  return reply;
}

function masked({ reply }: Exchange): string {
  const headers = reply.headers.map((each, index) => (reply.headers[index - 1]?.toLowerCase() === 'date' ? '…' : each));
  const ids = [reply.json['decision'], reply.json['receipt']].map(String);
  return [reply.status, headers.join('\n'), ids.reduce((text, id) => text.replace(id, '…'), reply.text)].join('\n');
}

function inOrder(record: Readonly<Record<string, string>>): string {
  return Object.entries(record)
    .map(([field, level]) => `${field} ${level}`)
    .toSorted()
    .join(', ');
}

/** The entry's name in a line of an export: the last 16 bytes of its header. */
function entryIn(line: string): string {
  const { header } = JSON.parse(line) as { readonly header?: string };
  return Buffer.from(header ?? '', 'base64')
    .subarray(-16)
    .toString('hex');
}

function withOneByteChanged(line: string): string {
  const entry = JSON.parse(line) as { readonly ciphertext: string };
  const bytes = Buffer.from(entry.ciphertext, 'base64');
  bytes.writeUInt8(bytes.readUInt8(20) ^ 1, 20);
  return JSON.stringify({ ...entry, ciphertext: bytes.toString('base64') });
}
