import * as fc from 'fast-check';
import { type AgencyId, type Instant, instantOf, type OfficerId, type PersonId, type RegimeName } from '#terms';
import { type Copy, copiesIn, keepingOf, placeHold } from './index.js';
import { at, hospital, later, open, openCounty, operator, police, shelter } from '../testonly/county.js';
import { maraIn } from '../testonly/mara.js';

const DAY = 24 * 60 * 60 * 1000;
const victimServices = 'us-victim-services' as RegimeName;
const health = 'us-health' as RegimeName;
const terms = new Map([
  [victimServices, 90],
  [health, 2_192],
]);

const copy = (change: Partial<Copy> = {}): Copy => ({
  person: 'a'.repeat(32) as PersonId,
  agency: shelter.id,
  regimes: new Set([victimServices]),
  neededUntil: at,
  isHeld: false,
  protectsOthers: false,
  ...change,
});

describe('how long a copy is kept', () => {
  it('is until the term of its regime is over, to the millisecond', () => {
    const until = later(90 * DAY);
    expect(keepingOf(copy(), terms, instantOf(until - 1))).toEqual({ kind: 'kept', until, regime: victimServices });
    expect(keepingOf(copy(), terms, until)).toEqual({ kind: 'due', since: until, regime: victimServices });
  });

  it('is the longest of several regimes: whoever must account for six years still can', () => {
    const both = copy({ regimes: new Set([victimServices, health]) });
    const until = later(2_192 * DAY);
    expect(keepingOf(both, terms, later(2_000 * DAY))).toEqual({ kind: 'kept', until, regime: health });
  });

  it.each<[string, Partial<Copy>, string]>([
    ['a hold lies on it', { isHeld: true }, 'held'],
    ['it protects her elsewhere', { protectsOthers: true }, 'protects others'],
    ['both', { isHeld: true, protectsOthers: true }, 'held'],
    ['nobody said how long', { regimes: new Set(['uk-marac' as RegimeName, victimServices]) }, 'no term'],
    ['its agency is under no regime', { regimes: new Set() }, 'no term'],
  ])('goes on where %s', (_, change, kind) => {
    expect(keepingOf(copy(change), terms, later(10_000 * DAY)).kind).toBe(kind);
  });

  it('ends only once: what is due stays due, and nothing that is held or protects is ever due', () => {
    const arbitrary = fc.record({
      neededUntil: fc.integer({ min: 0, max: 4e12 }).map((n) => n as Instant),
      isHeld: fc.boolean(),
      protectsOthers: fc.boolean(),
      regimes: fc.subarray([victimServices, health]).map((names) => new Set(names)),
    });
    fc.assert(
      fc.property(arbitrary, fc.nat(8e12), fc.nat(8e12), (change, one, two) => {
        const [earlier, after] = [Math.min(one, two), Math.max(one, two)].map((n) => n as Instant);
        const [first, second] = [earlier, after].map((when) => keepingOf(copy(change), terms, when!).kind);
        const mayBeDue = !change.isHeld && !change.protectsOthers;
        expect(first === 'due' && second !== 'due').toBe(false);
        expect(second === 'due' && !mayBeDue).toBe(false);
      }),
    );
  });
});

describe('the copies there are', () => {
  it('are needed until their last entry, or the end of her last release', async () => {
    const county = openCounty();
    const atShelter = await open(county, shelter, 'HH-1');
    await open(county, hospital, '900');
    const entries = new Map([...county.known.handles()].map(({ person }) => [person, later(DAY)]));
    const needed = (agency: AgencyId) =>
      copiesIn(county, entries, at).find((one) => one.agency === agency)?.neededUntil;
    expect(needed(hospital.id)).toBe(later(DAY));
    // Her release that names the operator runs for 90 days.
    expect(needed(shelter.id)).toBe(later(90 * DAY));
    expect(atShelter).toBeDefined();
    // Of whom nothing is known, nothing is due.
    expect(copiesIn(county, new Map(), later(400 * DAY))[1]?.neededUntil).toBe(later(400 * DAY));
  });

  it('say which of them protect her elsewhere, and on which a hold lies', async () => {
    const county = openCounty();
    const { atPolice } = await maraIn(county);
    await placeHold(county, operator, { subject: atPolice, by: 'o-12' as OfficerId, basis: 'a letter' }, at);
    const said = (agency: AgencyId) => copiesIn(county, new Map(), at).find((one) => one.agency === agency);
    expect(said(shelter.id)).toMatchObject({ protectsOthers: true, isHeld: false });
    expect(said(police.id)).toMatchObject({ protectsOthers: false, isHeld: true });
    expect(county.known.holdOn(county.known.handle(atPolice)!.person)?.basis).toBe('a letter');
  });
});
