import * as fc from 'fast-check';
import type { AgencyId, EntryId, FieldName, PersonId, Purpose } from '#terms';
import type { Consent, Permit, PermitEnd, Refusal, RefusalEnd, Unresolved } from './consent.js';
import type { CoverageAsk } from './coverage.js';
import {
  advocate,
  atTheHospital,
  atThePolice,
  atTheShelter,
  birthDate,
  consentId,
  DAY,
  enrolment,
  hospital,
  injuries,
  investigation,
  later,
  level,
  noon,
  planning,
  police,
  safePhone,
  shelter,
  signing,
} from './mara.fixture.js';

/** Random directives over a world small enough that they meet: three agencies, four fields, a few days. */
const agencies = [shelter, hospital, police];
const fields = [birthDate, safePhone, injuries, enrolment];
const purposes = [planning, investigation];
const IDS = Array.from({ length: 8 }, (_, index) => consentId(`c${index}`));
/** Few, so that many fall on the same instant. */
const instants = fc.constantFrom(-DAY, 0, 1, DAY, 3 * DAY).map(later);

const someAgencies = fc.subarray(agencies, { minLength: 1 });
const unresolved: fc.Arbitrary<readonly Unresolved[]> = fc.oneof(
  { weight: 6, arbitrary: fc.constant([]) },
  fc
    .constantFrom<Unresolved['what']>('discloser', 'recipient', 'field', 'purpose')
    .map((what) => [{ what, text: '?' }]),
);
const dated = fc.oneof(
  instants.map((instant) => ({ kind: 'at' as const, instant })),
  fc.record({
    kind: fc.constant('date' as const),
    date: fc.constantFrom('2026-11-21', '2026-11-22', '2026-11-23', '2027-02-01'),
    timeZone: fc.constantFrom('America/New_York', 'Pacific/Kiritimati', 'UTC'),
  }),
);
const permitEnd: fc.Arbitrary<PermitEnd> = fc.oneof(dated, fc.constant({ kind: 'once' as const }));
const refusalEnd: fc.Arbitrary<RefusalEnd> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ kind: 'until_lifted' as const }) },
  dated,
);

export const permits: fc.Arbitrary<Permit> = fc
  .record({
    kind: fc.constant('permit' as const),
    lifts: fc.subarray(IDS, { maxLength: 3 }),
    scope: fc.record({
      disclosers: someAgencies,
      recipients: someAgencies,
      fields: fc
        .uniqueArray(fc.tuple(fc.constantFrom(...fields), fc.integer({ min: 1, max: 3 }).map(level)), {
          minLength: 1,
          selector: ([name]) => name,
        })
        .map((pairs) => new Map(pairs)),
      purposes: fc.subarray(purposes, { minLength: 1 }),
      end: permitEnd,
      unresolved,
    }),
  })
  .filter(
    ({ scope }) => scope.disclosers.length + scope.recipients.length > 2 || scope.disclosers[0] !== scope.recipients[0],
  );

const anyOr = <T>(some: fc.Arbitrary<T[]>): fc.Arbitrary<T[] | 'any'> => fc.oneof(some, fc.constant('any' as const));

export const refusals: fc.Arbitrary<Refusal> = fc.record({
  kind: fc.constant('refuse' as const),
  scope: fc.record({
    disclosers: anyOr<AgencyId>(someAgencies),
    recipients: anyOr<AgencyId>(someAgencies),
    fields: anyOr<FieldName>(fc.subarray(fields, { minLength: 1 })),
    purposes: anyOr<Purpose>(fc.subarray(purposes, { minLength: 1 })),
    end: refusalEnd,
    unresolved,
  }),
});

const persons = fc.constantFrom<PersonId>(atTheShelter, atTheShelter, atTheHospital, atThePolice);
const used = { by: 'entry-1' as EntryId, at: noon };

type Weighted = 'active' | 'pending' | 'withdrawn' | 'void' | 'inert' | 'draft';
const states = fc.constantFrom<Weighted>(
  'active',
  'active',
  'active',
  'active',
  'withdrawn',
  'pending',
  'void',
  'inert',
  'draft',
);

/** One consent in any state; a refusal is only ever a draft or active. */
export const consentOf = (id: fc.Arbitrary<string>): fc.Arbitrary<Consent> =>
  fc
    .record({
      id: id.map(consentId),
      person: persons,
      state: states,
      directive: fc.oneof({ weight: 3, arbitrary: permits }, refusals),
      recordedAt: instants,
      isUsed: fc.boolean(),
    })
    .map(({ id: name, person, state, directive, recordedAt, isUsed }): Consent => {
      const identity = { id: name, person };
      const signed = { ...identity, signing: signing({ recordedAt }) };
      if (directive.kind === 'refuse')
        return { ...signed, state: 'active', directive, activeFrom: recordedAt, confirmations: [] };
      switch (state) {
        case 'draft':
          return { ...identity, state, directive, preparedBy: advocate, preparedAt: recordedAt };
        case 'pending':
          return { ...signed, state, directive, confirmations: [] };
        case 'active': {
          const active = { ...signed, state, directive, activeFrom: recordedAt, confirmations: [] };
          return isUsed && directive.scope.end.kind === 'once' ? { ...active, used } : active;
        }
        case 'withdrawn':
          return { ...signed, state, directive, withdrawnAt: noon, heardBy: advocate };
        case 'void':
          return { ...signed, state, directive, voidedAt: noon, voidedBy: advocate, reason: 'not_informed' };
        case 'inert':
          return { ...signed, state, directive, enrolledBy: advocate };
      }
    });

export const histories: fc.Arbitrary<readonly Consent[]> = fc
  .uniqueArray(fc.constantFrom(...IDS), { maxLength: 6 })
  .chain((ids) => fc.tuple(...ids.map((id) => consentOf(fc.constant<string>(id)))));

export const asks: fc.Arbitrary<CoverageAsk> = fc
  .record({
    discloser: fc.constantFrom(hospital, hospital, shelter, police),
    recipient: fc.constantFrom(shelter, shelter, hospital, police),
    purpose: fc.constantFrom(planning, planning, investigation),
    at: instants,
  })
  .map((ask) => ({ ...ask, fields, permitsOf: new Set([atTheShelter, atTheHospital]) }));
