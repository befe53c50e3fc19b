import type { HandleId } from '#terms';
import { type Case, type CaseId, type Party, rolesOf, withParty } from './case.js';
import { noon } from './mara.fixture.js';

const mara = 'mara' as HandleId;
const dale = 'dale' as HandleId;
const empty: Case = { id: 'case-1' as CaseId, openedAt: noon, parties: [] };
const withAll = (...parties: Party[]): Case => parties.reduce(withParty, empty);
const maraSurvives: Party = { handle: mara, role: 'survivor' };

describe('a case', () => {
  it('relates people by their roles', () => {
    const told = withAll(maraSurvives, { handle: dale, role: 'person_using_violence', standing: 'alleged' });
    expect([...rolesOf(new Set([dale]), [told])]).toEqual(['person_using_violence']);
    expect([...rolesOf(new Set([mara, dale]), [told])]).toEqual(['survivor', 'person_using_violence']);
    expect(empty.parties).toEqual([]);
  });

  it('does not quietly make a survivor the person using violence', () => {
    for (const standing of ['alleged', 'established'] as const)
      expect(() => withAll(maraSurvives, { handle: mara, role: 'person_using_violence', standing })).toThrow(
        'disputed',
      );
    expect(() => withAll({ handle: mara, role: 'person_using_violence', standing: 'alleged' }, maraSurvives)).toThrow(
      'disputed',
    );
    const disputed = withAll(maraSurvives, { handle: mara, role: 'person_using_violence', standing: 'disputed' });
    expect(rolesOf(new Set([mara]), [disputed]).size).toBe(2);
  });

  it('names nobody twice in one role', () => {
    expect(() => withAll(maraSurvives, maraSurvives)).toThrow('already');
  });
});
