import type { FieldName, Level, RegimeName } from '#terms';
import { smallBundle } from '../../test/small-policies.js';
import { judge } from '../decide-naively.js';
import { Hearing } from '../hearing.js';
import { levelsOf, Outcomes } from './outcomes.js';
import { type Point, Space } from './space.js';

const bundle = smallBundle({
  'us-health/a.yaml': `
rules:
- {rule: a, share: [{contact.actual_address: city}], when: {consent: agreed, risk: [medium, high]}}
- {rule: b, share: [location], with: {tie: [her_shelter, none]}, unless: [{consent: [refused, withdrawn]}], last resort: yes}
- {rule: c, at most: {contact.actual_address: region}, when: {perpetrator_at_requester: known yes}, unless: [{consent: agreed}]}
`,
  'core/a.yaml': 'rules:\n- {rule: d, withhold: [location], for purpose: [statistics], with: {tie: his_employer}}',
});
const address = bundle.vocabulary.fields.get('contact.actual_address' as FieldName)!;
const outcomes = new Outcomes(bundle, new Space([bundle]));
const { space } = outcomes;

/** Each situation once: every value of every choice, words of a list only where the list is known. */
function everyPoint(): readonly Point[] {
  let points: Point[] = [new Int32Array(space.choices.length)];
  for (const { subject, values, place } of space.choices) {
    if (subject.kind === 'elsewhere') continue;
    const ofTheFact = subject.kind === 'word' ? space.fact(subject.fact.name)!.place : undefined;
    points = points.flatMap((point) =>
      (ofTheFact !== undefined && point[ofTheFact] !== 0 ? [0] : values.map((_, value) => value)).map((value) => {
        const settled = point.slice();
        settled[place] = value;
        return settled;
      }),
    );
  }
  return points;
}

describe('what a bundle decides of every situation', () => {
  // Twenty purposes are as one another but for one: three stand for all.
  const points = everyPoint().filter((point) => {
    const purpose = space.purpose.values[point[space.purpose.place]!]!;
    return ['statistics', 'treatment', 'unknown'].includes(purpose);
  });

  it('is what is decided of each of them', () => {
    const wrong = points
      .filter((_, at) => at % 41 === 0)
      .filter((point) => {
        const situation = space.situationAt(point, address.name);
        const { level } = judge(new Hearing(bundle, situation), address);
        return levelsOf(address).some((at) => space.holdsAt(outcomes.leaves(address, at), point) !== level >= at);
      });
    expect(points.length).toBeGreaterThan(20_000);
    expect(wrong).toEqual([]);
  });

  it('is counted as they are', () => {
    for (const level of levelsOf(address)) {
      const leaves = space.diagram.all([
        outcomes.leaves(address, level),
        space.situationsOf(3 as Level),
        space.isOneOf(space.purpose, (word) => ['statistics', 'treatment', 'unknown'].includes(word)),
      ]);
      const held = points.filter((point) => space.holdsAt(leaves, point));
      expect(space.count(leaves)).toBe(BigInt(held.length));
      expect(held.length).toBeGreaterThan(0);
    }
  });

  it('goes from a situation to a point and back', () => {
    for (const point of points.filter((_, at) => at % 97 === 0)) {
      const situation = space.situationAt(point, address.name);
      expect([...space.pointOf(situation, address.name)]).toEqual([...point]);
    }
  });

  it('lets nothing go that comes from a regime which nobody has', () => {
    const situation = space.situationAt(new Int32Array(space.choices.length), address.name);
    const point = space.pointOf({ ...situation, origins: new Set(['gone' as RegimeName]) }, address.name);
    expect(space.holdsAt(outcomes.leaves(address, 1 as Level), point)).toBe(false);
    expect(space.diagram.and(outcomes.leaves(address, 1 as Level), space.is(space.elsewhere, 'yes'))).toBe(0);
  });
});
