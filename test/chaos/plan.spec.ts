import { drawPlan, inWords, isKill, POINTS } from './plan.js';

const cast = { gateways: ['gateway 1', 'gateway 2'], admins: ['admin 1'], lease: 250 };

it('draws the same from the same seed, and something else from another', () => {
  expect(drawPlan(7, 40, 20, cast)).toEqual(drawPlan(7, 40, 20, cast));
  expect(drawPlan(7, 40, 20, cast)).not.toEqual(drawPlan(8, 40, 20, cast));
});

it('draws as many kills as were asked for, of every kind, at every point, and pauses on both sides of the lease', () => {
  const deeds = drawPlan(1, 300, 150, cast).map(({ deed }) => deed);
  expect(deeds).toHaveLength(450);
  expect(deeds.filter(isKill)).toHaveLength(300);
  expect(new Set(deeds.map(({ kind }) => kind)).size).toBe(7);
  const points = deeds.flatMap((deed) => (deed.kind === 'kill at' ? deed.point : []));
  expect(new Set(points).size).toBe(POINTS.length);
  const pauses = deeds.flatMap((deed) => ('ms' in deed ? deed.ms : []));
  expect(pauses.some((ms) => ms < cast.lease)).toBe(true);
  expect(pauses.some((ms) => ms > 2 * cast.lease)).toBe(true);
  expect(deeds.map(inWords)).not.toContain('');
});

it('draws nothing but what it may', () => {
  const deeds = drawPlan(1, 20, 20, { ...cast, only: ['kill', 'stop'] }).map(({ deed }) => deed.kind);
  expect(new Set(deeds)).toEqual(new Set(['kill', 'stop']));
});
