import { readFileSync } from 'node:fs';
import {
  type AgencyId,
  type Fact,
  type FactId,
  type FactName,
  type HandleId,
  type Instant,
  instantOf,
  type LinkId,
  type OfficerId,
  parseVocabulary,
  type PersonId,
  type Role,
  type Sector,
  type UnitId,
  type Vocabulary,
} from '#terms';
import type { Assertion, Stated, Towards } from './assertion.js';
import type { Handle, Link } from './link.js';
import type { Asker } from './resolve-facts.js';

/** Invented: Mara Ellison as four agencies know her, and Dale's brother in one of their units. */
export const shelter = 'harbour-house' as AgencyId;
export const hospital = 'st-brigid' as AgencyId;
export const police = 'county-police' as AgencyId;
export const court = 'county-court' as AgencyId;
export const domesticViolence = 'domestic-violence-unit' as UnitId;
export const detectives = 'detectives' as UnitId;
export const inspector = 'r.osei' as OfficerId;
export const brother = 'd.ellison' as OfficerId;

export const advocate = 'advocate' as Role;
export const clinician = 'clinician' as Role;
export const officer = 'police_officer' as Role;
export const privacyOfficer = 'privacy_officer' as Role;
export const clerk = 'clerk' as Role;

export const tied = 'perpetrator_at_requester' as FactName;
export const tie = 'tie' as FactName;
export const age = 'age' as FactName;
export const risk = 'risk' as FactName;
export const confidential = 'address_confidential' as FactName;
export const deceased = 'deceased' as FactName;
export const emergency = 'emergency_declared' as FactName;
export const declares = 'asker_declares' as FactName;
export const reports = 'reports_in_12_months' as FactName;
export const separated = 'days_since_separation' as FactName;

export const DAY = 24 * 60 * 60 * 1000;
export const noon: Instant = instantOf(Date.UTC(2026, 10, 22, 12));
export const later = (milliseconds: number): Instant => instantOf(noon + milliseconds);

/** The real words, so that a change to their order is felt here. */
export const words: Vocabulary = parseVocabulary(
  readFileSync(new URL('../../../policies/vocabulary.yaml', import.meta.url), 'utf8'),
  'vocabulary.yaml',
);

const banded = (name: FactName, unit: 'days' | 'count', thresholds: number[], bands: string[]): Fact => ({
  name,
  number: 9_000,
  kind: 'ordered',
  title: name,
  values: bands,
  thresholds,
  unit,
  protectiveOrder: ['unknown', ...bands],
  setBy: ['advocate', 'police_officer'],
  needs: [],
  ifNobodyHasSaid: 'unknown',
  ofAsker: false,
  perField: false,
});
/** And two kinds of fact that no shipped pack has yet. */
export const moreWords: Vocabulary = {
  ...words,
  facts: new Map([
    ...words.facts,
    [reports, banded(reports, 'count', [1, 3], ['under 1', '1 to 2', '3 and over'])],
    [separated, banded(separated, 'days', [90], ['under 90', '90 and over'])],
  ]),
};

export function factNamed(name: FactName): Fact {
  const fact = moreWords.facts.get(name);
  if (fact === undefined) throw new Error(`no fact ${name}`);
  return fact;
}

export function handle(id: string, agency: AgencyId, person = `person of ${id}`): Handle {
  return { id: id as HandleId, agency, person: person as PersonId, openedAt: noon };
}

export function link(id: string, a: Handle, b: Handle): Link {
  return { id: id as LinkId, a: a.id, b: b.id, basis: { kind: 'docket' }, madeAt: noon };
}

let count = 0;
/** Said by the shelter's advocate unless somebody else is named. */
export function said(
  fact: FactName,
  value: Stated,
  changed: Partial<Omit<Assertion, 'fact' | 'value' | 'by'>> & {
    readonly agency?: AgencyId;
    readonly role?: Role;
    readonly towards?: Towards;
  } = {},
): Assertion {
  const { agency = shelter, role = advocate, ...rest } = changed;
  count += 1;
  return {
    id: `fact-${count}` as FactId,
    person: 'mara' as PersonId,
    fact,
    value,
    by: { agency, role },
    basis: 'she said so',
    at: noon,
    ...rest,
  };
}

export function asking(changed: Partial<Asker> = {}): Asker {
  return {
    agency: police,
    unit: domesticViolence,
    officer: inspector,
    role: officer,
    sector: 'police' as Sector,
    entityClasses: new Set(),
    ...changed,
  };
}
