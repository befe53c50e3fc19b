import * as fc from 'fast-check';
import type { AgencyId, Sector } from '#terms';
import { CASE_ROLES, type CaseRole } from './case.js';
import { type Docket, linksByDocket, linksInDoubt, stateDocket } from './docket.js';
import { court, handle, hospital, link, police, shelter } from './mara.fixture.js';

const number = '0e'.repeat(32);
const otherNumber = '1f'.repeat(32);
const docket = (id: string, agency: AgencyId, role: CaseRole, key = number): Docket =>
  stateDocket(handle(id, agency), 'court' as Sector, key, role);
const everyone = (): boolean => true;

const but =
  (agency: AgencyId) =>
  (asked: AgencyId): boolean =>
    asked !== agency;

const maraAtCourt = docket('mara-c', court, 'survivor');
const daleAtCourt = docket('dale-c', court, 'person_using_violence');
const maraAtPolice = docket('mara-p', police, 'survivor');

/** Whatever was stated before: only one same role at each other agency, none where a role is shared. */
function isBrokenBy(linking: typeof linksByDocket): boolean {
  const some = fc.record({
    agency: fc.constantFrom(court, police, hospital),
    role: fc.constantFrom(...CASE_ROLES),
    who: fc.nat(2),
    key: fc.constantFrom(number, number, otherNumber),
  });
  const law = fc.property(some, fc.array(some, { maxLength: 6 }), (first, rest) => {
    const of = ({ agency, role, who, key }: typeof first): Docket => docket(`${agency}-${who}`, agency, role, key);
    const [stated, existing] = [of(first), rest.map(of)];
    const linked = linking(stated, existing, everyone);
    const holders = [...existing, stated].filter((each) => each.key === stated.key && each.role === stated.role);
    const names = new Set(holders.map((each) => each.handle));
    const agencies = new Set(holders.map((each) => each.agency));
    return (
      linked.every((id) => names.has(id) && !id.startsWith(stated.agency)) &&
      (linked.length === 0 || (stated.role !== 'other' && names.size === agencies.size)) &&
      linked.toSorted().join() === linking(stated, existing.toReversed(), everyone).toSorted().join()
    );
  });
  return fc.check(law, { numRuns: 400, seed: 7 }).failed;
}

describe('a docket', () => {
  it('links those who have the same role in it', () => {
    expect(linksByDocket(maraAtPolice, [maraAtCourt, daleAtCourt], everyone)).toEqual(['mara-c']);
  });

  it('links nobody to the other party, under another number, or to the same agency', () => {
    expect(linksByDocket(maraAtPolice, [daleAtCourt], everyone)).toEqual([]);
    expect(linksByDocket(maraAtPolice, [docket('x', court, 'survivor', otherNumber)], everyone)).toEqual([]);
    expect(linksByDocket(maraAtPolice, [docket('y', police, 'survivor')], everyone)).toEqual([]);
  });

  it('links nobody where an agency may not link this way, on either side', () => {
    expect(linksByDocket(maraAtPolice, [maraAtCourt], but(police))).toEqual([]);
    expect(linksByDocket(maraAtPolice, [maraAtCourt], but(court))).toEqual([]);
    const atHospital = docket('mara-h', hospital, 'survivor');
    expect(linksByDocket(maraAtPolice, [maraAtCourt, atHospital], but(court))).toEqual(['mara-h']);
  });

  it('links nobody in a role that is none, or that two people share at any agency', () => {
    const [one, two] = [docket('k1', court, 'child'), docket('k2', court, 'child')];
    expect(linksByDocket(docket('k', police, 'child'), [one, two], everyone)).toEqual([]);
    expect(linksByDocket(docket('k', police, 'child'), [one], everyone)).toEqual(['k1']);
    // Two children at the court: which of them is the hospital's, and which the police's?
    expect(linksByDocket(docket('k', police, 'child'), [docket('h', hospital, 'child'), one, two], everyone)).toEqual(
      [],
    );
    expect(linksByDocket(two, [docket('h', hospital, 'child'), one], everyone)).toEqual([]);
    expect(linksByDocket(docket('o', police, 'other'), [docket('o2', court, 'other')], everyone)).toEqual([]);
  });

  it('puts its earlier links in doubt once a second person has the role', () => {
    const [atCourt, atPolice] = [handle('k1', court), handle('k', police)];
    const existing = [docket('k1', court, 'child'), docket('k', police, 'child')];
    const made = link('by-docket', atCourt, atPolice);
    const byCode = { ...link('by-code', atCourt, atPolice), basis: { kind: 'code', legalBasis: 'release' } as const };
    const second = docket('k2', court, 'child');
    expect(linksInDoubt(second, existing, [made, byCode, made])).toEqual(['by-docket']);
    expect(linksInDoubt(docket('k3', hospital, 'child'), existing, [made])).toEqual([]);
    expect(linksInDoubt(docket('m', court, 'survivor'), existing, [made])).toEqual([]);
  });

  it('links nobody who stands under it in two roles, and puts her links in doubt', () => {
    const accused = docket('mara-p', police, 'person_using_violence');
    expect(linksByDocket(accused, [maraAtCourt, daleAtCourt, maraAtPolice], everyone)).toEqual([]);
    expect(linksByDocket(docket('mara-h', hospital, 'survivor'), [maraAtPolice, accused], everyone)).toEqual([]);
    const hers = link('hers', handle('mara-c', court), handle('mara-p', police));
    const others = link('others', handle('mara-c', court), handle('mara-h', hospital));
    const existing = [maraAtCourt, daleAtCourt, maraAtPolice, docket('mara-h', hospital, 'survivor')];
    expect(linksInDoubt(accused, existing, [hers, others])).toEqual(['hers']);
  });

  it('of a victim service is never stated', () => {
    expect(() => stateDocket(handle('hh', shelter), 'victim_service' as Sector, number, 'survivor')).toThrow(
      'a victim service states no dockets',
    );
    expect(() => stateDocket(handle('m', court), 'court' as Sector, '2026-PO-0311', 'survivor')).toThrow('keyed hash');
  });

  it('links only the one same role at each other agency, in any order', () => {
    expect(isBrokenBy(linksByDocket)).toBe(false);
  });

  it.each<[string, typeof linksByDocket]>([
    [
      'goes by the number alone',
      (stated, existing) =>
        existing.filter((each) => each.key === stated.key && each.agency !== stated.agency).map((each) => each.handle),
    ],
    [
      'does not mind a shared role',
      (stated, existing) =>
        existing
          .filter((each) => each.key === stated.key && each.role === stated.role && each.agency !== stated.agency)
          .map((each) => each.handle),
    ],
    ['takes the first it finds', (stated, existing) => linksByDocket(stated, existing.slice(0, 1), everyone)],
  ])('negative control: a linking that %s is caught', (_, linking) => {
    expect(isBrokenBy(linking)).toBe(true);
  });
});
