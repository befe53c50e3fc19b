import * as fc from 'fast-check';
import type { PersonId } from '#terms';
import { directLinks, type Handle, joined, type Link } from './link.js';
import { court, handle, hospital, link, police, shelter } from './mara.fixture.js';

const atShelter = handle('hh', shelter);
const atHospital = handle('mrn', hospital);
const atPolice = handle('p', police);
const atCourt = handle('docket', court);
const all = [atShelter, atHospital, atPolice, atCourt];
const chain = [link('l1', atShelter, atHospital), link('l2', atHospital, atPolice)];

/** The persons one living link away, for those whose handles are there. */
function over(handles: readonly Handle[], links: readonly Link[]): (person: PersonId) => readonly PersonId[] {
  const find = (id: Handle['id']): readonly PersonId[] =>
    handles.flatMap((each) => (each.id === id ? each.person : []));
  return (person) =>
    handles.filter((each) => each.person === person).flatMap(({ id }) => directLinks(id, links).flatMap(find));
}

describe('links', () => {
  it('join everybody along a chain, whoever is asked about', () => {
    const three = [atShelter, atHospital, atPolice].map((each) => each.person);
    for (const person of three) expect([...joined(person, over(all, chain))].toSorted()).toEqual(three.toSorted());
    expect([...joined(atCourt.person, over(all, chain))]).toEqual([atCourt.person]);
  });

  it('carry values over one link only', () => {
    expect(directLinks(atShelter.id, chain)).toEqual([atHospital.id]);
    expect(directLinks(atHospital.id, chain)).toEqual([atShelter.id, atPolice.id]);
    expect(directLinks(atPolice.id, chain)).not.toContain(atShelter.id);
  });

  it('end at once, on both sides and for everybody behind them', () => {
    const [, rest] = chain;
    const living = rest === undefined ? [] : [rest];
    expect(directLinks(atShelter.id, living)).toEqual([]);
    expect([...joined(atPolice.person, over(all, living))]).not.toContain(atShelter.person);
  });

  it('to a handle that is gone join nobody', () => {
    expect([...joined(atShelter.person, over([atShelter], chain))]).toEqual([atShelter.person]);
  });
});

/** Paths by repeated squaring of "one link away", sharing nothing with the walk. */
function referenceJoined(person: PersonId, handles: readonly Handle[], links: readonly Link[]): Set<PersonId> {
  const touches = (a: PersonId, b: PersonId): boolean =>
    a === b ||
    links.some((each) => {
      const ends = [each.a, each.b].map((id) => handles.find((one) => one.id === id)?.person);
      return ends.includes(a) && ends.includes(b);
    });
  const persons = handles.map((each) => each.person);
  let matrix = persons.map((a) => persons.map((b) => touches(a, b)));
  for (let step = 1; step < persons.length; step *= 2)
    matrix = matrix.map((row) =>
      persons.map((_, b) => row.some((isReached, c) => isReached && matrix[c]?.[b] === true)),
    );
  const row = matrix[persons.indexOf(person)] ?? [];
  return new Set(persons.filter((_, index) => row[index]));
}

describe('joined, whatever was linked', () => {
  const people = Array.from({ length: 7 }, (_, index) => handle(`h${index}`, shelter));
  const someLinks = fc
    .array(fc.tuple(fc.nat(6), fc.nat(6)), { maxLength: 9 })
    .map((pairs) => pairs.map(([a, b], index) => link(`l${index}`, people[a] ?? atShelter, people[b] ?? atShelter)));
  const of = (index: number, links: readonly Link[]): PersonId[] =>
    [...joined(people[index]?.person ?? atShelter.person, over(people, links))].toSorted();

  it('is what the slow reference says, the same for everyone in it, and no smaller for a further link', () => {
    const law = fc.property(someLinks, fc.nat(6), fc.tuple(fc.nat(6), fc.nat(6)), (links, index, [a, b]) => {
      const reached = of(index, links);
      const person = people[index]?.person ?? atShelter.person;
      const isRight = reached.join() === [...referenceJoined(person, people, links)].toSorted().join();
      const isShared = people.every(
        (each, other) => !reached.includes(each.person) || of(other, links).join() === reached.join(),
      );
      const further = of(index, [...links, link('more', people[a] ?? atShelter, people[b] ?? atShelter)]);
      return isRight && isShared && reached.every((each) => further.includes(each));
    });
    expect(() => fc.assert(law, { numRuns: 150 })).not.toThrow();
  });
});
