import { createHash, createSecretKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Sequencer, type LogStore, logIdOf, signReceipt, verifyReceipt } from '#ledger';
import { type Bundle, type PolicyFile, parseBundle } from '#policy';
import {
  type AgencyId,
  type DecisionId,
  type FieldName,
  type HandleId,
  type Instant,
  type OfficerId,
  type Purpose,
  type RegimeName,
  type Role,
  type Sector,
  type UnitId,
  type Value,
  instantOf,
  parseVocabulary,
} from '#terms';
import { MemoryLog } from '../../ledger/testonly/memory-log.js';
import {
  type Agency,
  type Answer,
  type Caller,
  type Change,
  type ConsentRequest,
  type FieldAnswer,
  type Gate,
  type Question,
  type Source,
  type SourceAnswer,
  type SourceRequest,
  FoldedLog,
  confirmConsent,
  confirmLinkCode,
  disclose,
  foldTail,
  issueLinkCode,
  openHandle,
  recordConsent,
  redeemLinkCode,
} from '../src/index.js';

/** A county of invented agencies on the shipped policies, with a ledger in memory and systems that do as they are told. */
const ROOT = join(import.meta.dirname, '..', '..', '..', 'policies');

export const vocabularyText = readFileSync(join(ROOT, 'vocabulary.yaml'), 'utf8');
export const vocabulary = parseVocabulary(vocabularyText, 'vocabulary.yaml');
export const bundle: Bundle = parseBundle(policyFiles(), vocabulary);

export function policyFiles(): readonly PolicyFile[] {
  return readdirSync(ROOT, { withFileTypes: true, recursive: true })
    .filter((file) => file.isFile() && file.name.endsWith('.yaml') && file.parentPath !== ROOT)
    .map((file) => {
      const path = join(file.parentPath, file.name);
      return { path: path.slice(ROOT.length + 1), text: readFileSync(path, 'utf8') };
    });
}

function agency(id: string, sector: string, regimes: readonly string[], units: readonly string[] = []): Agency {
  return {
    id: id as AgencyId,
    title: id,
    sector: sector as Sector,
    entityClasses: new Set(),
    regimes: new Set(regimes as RegimeName[]),
    units: new Set(units as UnitId[]),
    keyId: randomBytes(16).toString('hex'),
    wrappedKey: randomBytes(32),
  };
}

export const shelter = agency('harbour-house', 'victim_service', ['us-victim-services']);
export const hospital = agency('st-brigid', 'health', ['us-health']);
export const police = agency(
  'county-police',
  'police',
  ['us-protection-orders'],
  ['domestic-violence-unit', 'detectives'],
);
export const court = agency('county-court', 'court', ['us-protection-orders']);
export const employer = agency('northgate-logistics', 'employer', []);
export const operator = agency('postern-operator', 'court', []);

export const dvUnit = 'domestic-violence-unit' as UnitId;
export const detectives = 'detectives' as UnitId;

export const at: Instant = instantOf(Date.UTC(2026, 10, 22, 12));
export const later = (milliseconds: number): Instant => instantOf(at + milliseconds);
export const fields = (...names: string[]): readonly FieldName[] => names as FieldName[];
export const field = (name: string): FieldName => name as FieldName;

export function caller(of: Agency, role: string, unit?: UnitId): Caller {
  return {
    agency: of.id,
    officer: `${role}-1` as OfficerId,
    role: role as Role,
    ...(unit !== undefined && { unit }),
  };
}

/** What an agency's system does next: answers from its record, or misbehaves. */
export type Mood = 'answers' | 'stalls' | 'refuses' | 'returns more than asked' | 'is empty';

export class StandIn implements Source {
  mood: Mood = 'answers';
  seals = false;
  readonly asked: SourceRequest[] = [];
  /** Runs while the question waits for this source: where a test lets the world change under a decision. */
  meanwhile: () => Promise<unknown> = () => Promise.resolve();
  readonly record: Readonly<Record<string, Value>>;

  constructor(record: Readonly<Record<string, Value>>) {
    this.record = record;
  }

  async answer(request: SourceRequest): Promise<SourceAnswer> {
    this.asked.push(request);
    await this.meanwhile();
    if (this.mood === 'stalls') await new Promise(() => undefined);
    if (this.mood === 'refuses') throw new Error('not today');
    const names = this.mood === 'returns more than asked' ? fields(...Object.keys(this.record)) : request.fields.keys();
    const answer = new Map<FieldName, FieldAnswer>();
    for (const name of names) {
      const value = this.mood === 'is empty' ? undefined : this.record[name];
      answer.set(name, value === undefined ? { present: false } : { present: true, value });
    }
    return answer;
  }
}

/** Time stands still until somebody waits for it, and whoever waits moves it on: a slow machine is never late here. */
let now = 0;
const monotonic = (): number => now;
const until = (moment: number): Promise<void> => {
  now = Math.max(now, moment);
  return Promise.resolve();
};

/** What rings is what a source did not do in time; a source that does it does it at once. */
const after = (milliseconds: number, ring: () => void): (() => void) => {
  const moment = now + milliseconds;
  const timer = setTimeout(() => {
    now = Math.max(now, moment);
    ring();
  }, milliseconds);
  return () => clearTimeout(timer);
};

const LOG_ID = logIdOf('county.example/log');
const signing = generateKeyPairSync('ed25519');

export interface County extends Gate {
  readonly known: FoldedLog;
  readonly log: MemoryLog<Change>;
  readonly systems: ReadonlyMap<AgencyId, StandIn>;
}

export interface CountyOptions {
  readonly store?: (log: MemoryLog<Change>) => LogStore<Change>;
  readonly log?: MemoryLog<Change>;
  readonly keys?: Map<string, KeyObject>;
}

/** A gateway of the county. Two of them may share one log and one set of keys. */
export function openCounty(options: CountyOptions = {}): County {
  const log = options.log ?? new MemoryLog<Change>();
  log.now = at;
  const known = new FoldedLog();
  const keys = options.keys ?? new Map<string, KeyObject>();
  const directory = new Map([shelter, hospital, police, court, employer, operator].map((each) => [each.id, each]));
  const keyring: Gate['keyring'] = {
    mint() {
      const key = createSecretKey(randomBytes(32));
      const wrapped = randomBytes(40);
      keys.set(wrapped.toString('hex'), key);
      return Promise.resolve({ key, wrapped });
    },
    open(_id, wrapped) {
      return Promise.resolve(
        keys.get(Buffer.from(wrapped).toString('hex')) ?? createSecretKey(wrapped.subarray(0, 32)),
      );
    },
    forget() {},
    keyedHash(use, ...parts) {
      return createHash('sha256')
        .update(JSON.stringify([use, ...parts]))
        .digest();
    },
  };
  const wrappedKeys = {
    find: (ids: readonly string[]) => {
      const opened = log.changes.flatMap((change) => (change.type === 'handle opened' ? [change] : []));
      const found = opened.filter(({ handle }) => ids.includes(handle.person));
      return Promise.resolve(new Map(found.map(({ handle, wrappedKey }) => [handle.person as string, wrappedKey])));
    },
  };
  const systems = new Map<AgencyId, StandIn>([
    [shelter.id, new StandIn({ 'contact.safe_phone': '+1 555 0142', 'contact.actual_address': { city: 'Northgate' } })],
    [
      hospital.id,
      new StandIn({
        'medical.injury_findings': ['Fracture of the left wrist'],
        'person.birth_date': '1991',
        'person.legal_name': 'Mara Ellison',
        'medical.mental_health': ['Anxiety'],
      }),
    ],
    [police.id, new StandIn({ 'protection_order.served': '2026-11-20' })],
    [
      court.id,
      new StandIn({ 'protection_order.order': 'No contact', 'protection_order.conditions': ['Stay 300 m away'] }),
    ],
  ]);
  const sequencer = new Sequencer<Change>({
    store: options.store?.(log) ?? log,
    position: 0,
    fold: (tail) => foldTail({ logId: LOG_ID, known, directory, keyring, wrappedKeys, vocabulary }, tail),
    sign: (receipt) => signReceipt(LOG_ID, receipt, signing.privateKey),
    monotonic,
    queue: 1000,
    batch: 100,
  });
  return {
    logId: LOG_ID,
    known,
    log,
    sequencer,
    directory,
    policy: bundle,
    sources: systems,
    systems,
    operator: operator.id,
    keyring,
    clock: { monotonic, until, after },
    random: (size) => randomBytes(size),
    limits: { lease: 250, source: 150, uniform: 300, question: 5000 },
  };
}

export function isOurReceipt(receipt: Uint8Array): boolean {
  return verifyReceipt(LOG_ID, receipt, signing.publicKey).leaf.length === 32;
}

export const advocate = caller(shelter, 'advocate');
export const clinician = caller(hospital, 'clinician');
export const recordsOfficer = caller(hospital, 'records_officer');
export const dvOfficer = caller(police, 'police_officer', dvUnit);
export const detective = caller(police, 'police_officer', detectives);
export const clerk = caller(court, 'clerk');

/** How she signed: in writing, informed, with a witness. */
export const signed: ConsentRequest['signing'] = {
  form: 'written',
  capacity: { kind: 'adult' },
  signers: [{ kind: 'herself' }],
  witnesses: [{ agency: shelter.id, officer: 'witness-1' as OfficerId }],
  informed: {
    explainedBy: { agency: shelter.id, officer: advocate.officer },
    notice: 'release notice 2026-1',
    notAConditionOfService: true,
  },
};

export interface ReleaseWords {
  readonly from: Agency;
  readonly to: Agency;
  readonly fields: Readonly<Record<string, string>>;
  readonly purpose?: string;
  readonly once?: boolean;
}

export function release(words: ReleaseWords): Omit<ConsentRequest, 'subject'> {
  const levels = Object.entries(words.fields).map(([name, level]) => {
    const scale = vocabulary.fields.get(field(name))?.scale ?? [];
    return [field(name), scale.indexOf(level) as never] as const;
  });
  return {
    directive: {
      kind: 'permit',
      lifts: [],
      scope: {
        disclosers: [words.from.id],
        recipients: [words.to.id],
        fields: new Map(levels),
        purposes: [(words.purpose ?? 'safety_planning') as Purpose],
        end: words.once === true ? { kind: 'once' } : { kind: 'at', instant: later(90 * 24 * 60 * 60 * 1000) },
        unresolved: [],
      },
    },
    signing: signed,
  };
}

export async function open(
  county: Gate,
  of: Agency,
  localId: string,
  dockets: { number: string; role: 'survivor' | 'person_using_violence' }[] = [],
) {
  const releaseOfOperator =
    of === shelter
      ? { release: release({ from: shelter, to: operator, fields: { 'service.enrolment': 'full' } }) }
      : {};
  const { result } = await openHandle(
    county,
    of,
    caller(of, 'advocate'),
    { localId, dockets, ...releaseOfOperator },
    at,
  );
  return result;
}

export async function linkByCode(
  county: Gate,
  one: Agency,
  hers: HandleId,
  other: Agency,
  theirs: HandleId,
): Promise<void> {
  const request = { subject: hers, recipient: other.id, legalBasis: 'her release', expiresAt: later(3_600_000) };
  const issued = await issueLinkCode(county, one, caller(one, 'advocate'), request, at);
  const { secret, id } = issued.result;
  await redeemLinkCode(county, other, caller(other, 'records_officer'), { subject: theirs, secret }, [], at);
  await confirmLinkCode(county, other, id, at);
  await confirmLinkCode(county, one, id, at);
}

/** She signs; whoever must confirm does. */
export async function sign(county: Gate, subject: HandleId, words: ReleaseWords) {
  const { result } = await recordConsent(county, shelter, advocate, { subject, ...release(words) }, at);
  if (result.state === 'pending') await confirmConsent(county, words.from, recordsOfficer, result.id, 'discloser', at);
  return result;
}

let asked = 0;

export async function ask(
  county: Gate,
  asker: Agency,
  who: Caller,
  subject: HandleId,
  names: readonly string[],
  more: Partial<Question> = {},
  when: Instant = at,
): Promise<Answer> {
  const answers: Answer[] = [];
  const question: Question = {
    decision: `question-${++asked}` as DecisionId,
    asker: who,
    subject,
    fields: fields(...names),
    purpose: 'safety_planning' as Purpose,
    declares: [],
    states: new Map(),
    ...more,
  };
  await disclose(county, asker, question, when, (answer) => answers.push(answer));
  const [only] = answers;
  if (only === undefined || answers.length > 1) throw new Error(`delivered ${answers.length} times`);
  return only;
}

/** Field names with their values, as the asker sees them. */
export function values(answer: Answer): Record<string, unknown> {
  if (answer.kind === 'uniform') return {};
  return Object.fromEntries(
    answer.fields.map(({ field: name, value }) => [name, value.kind === 'open' ? value.value : 'sealed']),
  );
}
