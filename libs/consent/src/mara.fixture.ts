import {
  type AgencyId,
  type ConsentId,
  type Field,
  type FieldName,
  type Instant,
  instantOf,
  type Level,
  type OfficerId,
  type PersonId,
  type Purpose,
  type Vocabulary,
} from '#terms';
import type { Active, Member, Permit, PermitScope, Refusal, RefusalScope, Signing } from './consent.js';

/** Invented: Mara Ellison, what she signs, and who hears it. */
export const shelter = 'harbour-house' as AgencyId;
export const hospital = 'st-brigid' as AgencyId;
export const police = 'county-police' as AgencyId;
export const operator = 'postern-operator' as AgencyId;

export const birthDate = 'person.birth_date' as FieldName;
export const safePhone = 'contact.safe_phone' as FieldName;
export const injuries = 'medical.injury_findings' as FieldName;
export const noField = 'person.shoe_size' as FieldName;
export const noPurpose = 'gossip' as Purpose;
export const enrolment = 'service.enrolment' as FieldName;

export const planning = 'safety_planning' as Purpose;
export const investigation = 'investigation' as Purpose;

export const atTheShelter = 'person-mara-at-the-shelter' as PersonId;
export const atTheHospital = 'person-mara-at-the-hospital' as PersonId;
export const atThePolice = 'person-mara-at-the-police' as PersonId;

export const advocate: Member = { agency: shelter, officer: 'a.keller' as OfficerId };
export const recordsOffice: Member = { agency: hospital, officer: 'records-2' as OfficerId };
export const detective: Member = { agency: police, officer: 'd.ellison' as OfficerId };

export const noon: Instant = instantOf(Date.UTC(2026, 10, 22, 12));
export const level = (number: number): Level => number as Level;
export const consentId = (name: string): ConsentId => name as ConsentId;
export const later = (milliseconds: number): Instant => instantOf(noon + milliseconds);
export const DAY = 24 * 60 * 60 * 1000;

export const words: Vocabulary = {
  digest: 'of a small vocabulary for tests',
  categories: new Map(),
  records: new Map(),
  scales: new Map(),
  tags: new Map(),
  purposes: new Map([planning, investigation].map((name, index) => [name, { number: index + 1, title: name }])),
  sectors: new Map(),
  roles: new Map(),
  duties: new Map(),
  facts: new Map(),
  fields: new Map(
    [
      [birthDate, ['nothing', 'age_band', 'year', 'full']] as const,
      [safePhone, ['nothing', 'full']] as const,
      [injuries, ['nothing', 'full']] as const,
      [enrolment, ['nothing', 'full']] as const,
    ].map(([name, scale], index) => [name, fieldOf(name, index + 1, scale)]),
  ),
};

function fieldOf(name: FieldName, number: number, scale: readonly string[]): Field {
  return {
    name,
    number,
    record: name.split('.')[0] ?? name,
    title: name,
    category: 'identity',
    about: 'survivor',
    tags: [],
    scaleName: 'text',
    scale,
    mapping: { fhir: [], niem: [], hl7v2: [] },
  };
}

/** A release as the advocate would take it with her: hospital to shelter, 90 days. */
export function permit(changed: Partial<PermitScope> & { readonly lifts?: readonly ConsentId[] } = {}): Permit {
  const { lifts = [], ...scope } = changed;
  return {
    kind: 'permit',
    lifts,
    scope: {
      disclosers: [hospital],
      recipients: [shelter],
      fields: new Map([
        [injuries, level(1)],
        [birthDate, level(2)],
      ]),
      purposes: [planning],
      end: { kind: 'at', instant: later(90 * DAY) },
      unresolved: [],
      ...scope,
    },
  };
}

/** "Tell nobody anything", unless narrowed. */
export function refusal(changed: Partial<RefusalScope> = {}): Refusal {
  return {
    kind: 'refuse',
    scope: {
      disclosers: 'any',
      recipients: 'any',
      fields: 'any',
      purposes: 'any',
      end: { kind: 'until_lifted' },
      unresolved: [],
      ...changed,
    },
  };
}

export function signing(changed: Partial<Signing> = {}): Signing {
  return {
    recordedBy: advocate,
    recordedAt: noon,
    form: 'written',
    capacity: { kind: 'adult' },
    signers: [{ kind: 'herself' }],
    witnesses: [advocate],
    informed: { explainedBy: advocate, notice: 'release-notice-4', notAConditionOfService: true },
    ...changed,
  };
}

/** In force from when it was recorded. */
export function active(
  id: string,
  directive: Permit | Refusal,
  changed: { readonly at?: Instant; readonly person?: PersonId } = {},
): Active {
  const recordedAt = changed.at ?? noon;
  return {
    state: 'active',
    id: consentId(id),
    person: changed.person ?? atTheShelter,
    directive,
    signing: signing({ recordedAt }),
    activeFrom: recordedAt,
    confirmations: [],
  };
}
