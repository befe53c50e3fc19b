import type { FactName, Role, Sector } from '#terms';
import { mayAssert, type Statement } from './assertion.js';
import { MatchingError, type MatchingErrorCode } from './error.js';
import {
  advocate,
  age,
  clerk,
  clinician,
  confidential,
  court,
  declares,
  detectives,
  emergency,
  factNamed,
  hospital,
  later,
  noon,
  officer,
  police,
  privacyOfficer,
  reports,
  risk,
  shelter,
  tie,
  tied,
  words,
} from './mara.fixture.js';

const byAdvocate = { agency: shelter, role: advocate } as const;
const byOfficer = { agency: police, role: officer } as const;

function verdict(
  fact: FactName,
  statement: Partial<Statement>,
  who: { agency: typeof shelter; role: Role },
): MatchingErrorCode | 'yes' {
  try {
    mayAssert(factNamed(fact), { value: 'yes', at: noon, ...statement }, who);
  } catch (error) {
    if (error instanceof MatchingError) return error.code;
    throw error;
  }
  return 'yes';
}

describe('a statement', () => {
  it.each([
    ['an advocate about her age', age, { value: '18 and over' }, byAdvocate],
    ['a clinician about her birth date', age, { value: { date: '1991-04-30' } }, { agency: hospital, role: clinician }],
    ['an officer about the danger', risk, { value: 'high' }, byOfficer],
    ['a clerk about her address', confidential, { value: 'yes' }, { agency: court, role: clerk }],
    ['an advocate who clears a unit', tied, { value: 'no', towards: { agency: police, unit: detectives } }, byAdvocate],
    ['an advocate about a whole agency', tied, { value: 'yes', towards: { agency: police } }, byAdvocate],
    [
      "another agency's privacy officer",
      tied,
      { value: 'no', towards: { agency: police, unit: detectives } },
      { agency: hospital, role: privacyOfficer },
    ],
    ['an advocate who admits her own tie', tied, { value: 'yes', towards: { agency: shelter } }, byAdvocate],
    [
      'another agency about who investigates',
      tie,
      { value: ['investigating_police'], towards: { agency: police } },
      byAdvocate,
    ],
    ['a count where a count is meant', reports, { value: { count: 3 } }, byOfficer],
  ] as const)('is taken from %s', (_, fact, statement, who) => {
    expect(verdict(fact, statement, who)).toBe('yes');
  });

  it.each([
    ['from a role that may not', risk, { value: 'high' }, { agency: court, role: clerk }, 'MATCHING_FACT_NOT_YOURS'],
    ['of what only a question declares', emergency, { value: 'yes' }, byOfficer, 'MATCHING_FACT_NOT_YOURS'],
    [
      'of grounds, as if they were a fact',
      declares,
      { value: ['required_by_law'] },
      byOfficer,
      'MATCHING_FACT_NOT_YOURS',
    ],
    ['of what enrolment knows', 'sector' as FactName, { value: 'health' }, byOfficer, 'MATCHING_FACT_NOT_YOURS'],
    ['of her consent', 'consent' as FactName, { value: 'agreed' }, byAdvocate, 'MATCHING_FACT_NOT_YOURS'],
    [
      'for a person at the discloser',
      'discloser_confirms' as FactName,
      { value: ['required_by_law'], reason: 'r' },
      { agency: hospital, role: clinician },
      'MATCHING_FACT_NOT_YOURS',
    ],
    [
      'of a tie, from a privacy officer of that very agency',
      tied,
      { value: 'yes', towards: { agency: police, unit: detectives } },
      { agency: police, role: privacyOfficer },
      'MATCHING_FACT_NOT_YOURS',
    ],
    [
      'that clears the agency itself',
      tied,
      { value: 'no', towards: { agency: police, unit: detectives } },
      { agency: police, role: advocate },
      'MATCHING_TIE_INVALID',
    ],
    [
      'that clears a whole agency',
      tied,
      { value: 'no', towards: { agency: police } },
      byAdvocate,
      'MATCHING_TIE_INVALID',
    ],
    ['of a tie to nobody', tied, { value: 'yes' }, byAdvocate, 'MATCHING_TIE_INVALID'],
    [
      'of her age towards an agency',
      age,
      { value: '18 and over', towards: { agency: police } },
      byAdvocate,
      'MATCHING_TIE_INVALID',
    ],
    [
      'that an agency is her shelter, by itself',
      tie,
      { value: ['her_shelter'], towards: { agency: shelter } },
      byAdvocate,
      'MATCHING_TIE_INVALID',
    ],
    [
      'of a word of ties for one unit',
      tie,
      { value: ['investigating_police'], towards: { agency: police, unit: detectives } },
      byAdvocate,
      'MATCHING_TIE_INVALID',
    ],
    ['of an unknown word', risk, { value: 'extreme' }, byOfficer, 'MATCHING_VALUE_INVALID'],
    ['that nobody knows', confidential, { value: 'unknown' }, byAdvocate, 'MATCHING_VALUE_INVALID'],
    ['of two words for one', risk, { value: ['high'] }, byOfficer, 'MATCHING_VALUE_INVALID'],
    [
      'of one word for a list',
      tie,
      { value: 'her_shelter', towards: { agency: police } },
      byAdvocate,
      'MATCHING_VALUE_INVALID',
    ],
    ['of no words', tie, { value: [], towards: { agency: police } }, byAdvocate, 'MATCHING_VALUE_INVALID'],
    [
      'of a word twice',
      tie,
      { value: ['her_shelter', 'her_shelter'], towards: { agency: police } },
      byAdvocate,
      'MATCHING_VALUE_INVALID',
    ],
    ['of a date for a word', risk, { value: { date: '2026-01-01' } }, byOfficer, 'MATCHING_VALUE_INVALID'],
    ['of a day that is none', age, { value: { date: '1991-02-30' } }, byAdvocate, 'MATCHING_VALUE_INVALID'],
    ['of a birth to come', age, { value: { date: '2026-11-24' } }, byAdvocate, 'MATCHING_VALUE_INVALID'],
    ['of an age as a count', age, { value: { count: 35 } }, byAdvocate, 'MATCHING_VALUE_INVALID'],
    ['of half an event', reports, { value: { count: 0.5 } }, byOfficer, 'MATCHING_VALUE_INVALID'],
    ['that ends before it begins', risk, { value: 'high', until: noon }, byOfficer, 'MATCHING_VALUE_INVALID'],
  ] as const)('is refused %s', (_, fact, statement, who, code) => {
    expect(verdict(fact, statement, who)).toBe(code);
  });

  it('brings a reason where the vocabulary asks for one', () => {
    const compelled = 'compelled_by' as FactName;
    const who = { agency: hospital, role: privacyOfficer };
    expect(verdict(compelled, { value: 'court_order', reason: ' ' }, who)).toBe('MATCHING_REASON_MISSING');
    expect(verdict(compelled, { value: 'court_order', reason: 'order of 3 May', until: later(1) }, who)).toBe('yes');
  });

  it('is refused for every fact of the vocabulary to a role that is none', () => {
    for (const fact of words.facts.values()) {
      const value = fact.kind === 'any of' ? fact.values.slice(0, 1) : (fact.values[0] ?? 'yes');
      const towards = fact.ofAsker ? { towards: { agency: police } } : {};
      const who = { agency: shelter, role: 'passer_by' as Role };
      const isOfCase = fact.setBy.includes('case');
      expect([fact.name, verdict(fact.name, { value, ...towards, reason: 'r' }, who)]).toEqual([
        fact.name,
        isOfCase ? 'yes' : 'MATCHING_FACT_NOT_YOURS',
      ]);
    }
    expect(words.sectors.has('police' as Sector)).toBe(true);
  });
});
