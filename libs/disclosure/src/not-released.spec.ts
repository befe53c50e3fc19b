import { decodeHeader } from '#ledger';
import type { EntryId } from '#terms';
import { type Change, ENTRY_TYPE } from './change.js';
import { accountFor, recordWithdrawal } from './index.js';
import {
  type County,
  advocate,
  ask,
  at,
  bundle,
  dvOfficer,
  openCounty,
  police,
  shelter,
  sign,
} from '../testonly/county.js';
import { maraIn } from '../testonly/mara.js';

const PHONE = ['contact.safe_phone'];
const DECISION = ENTRY_TYPE.decision;
const NOT_RELEASED = ENTRY_TYPE['not released'];

/** A county whose ledger takes longer than the lease, as often as it is told to; she has signed a release for once. */
async function countyWithSlowLedger() {
  let slow = 0;
  const onSlow: (() => void)[] = [];
  const county: County = openCounty({
    store: (log) => ({
      head: () => log.head(),
      tail: (from, limit) => log.tail(from, limit),
      append: async (batch) => {
        if (slow > 0 && batch.entries.some(({ entry }) => decodeHeader(entry.header).type === DECISION)) {
          slow -= 1;
          for (const each of onSlow.splice(0)) each();
          await county.clock.until(county.clock.monotonic() + county.limits.lease);
        }
        return log.append(batch);
      },
    }),
  });
  const { atPolice, atShelter } = await maraIn(county);
  await recordWithdrawal(county, shelter, advocate, { subject: atShelter, from: police.id }, at);
  await sign(county, atShelter, { from: shelter, to: police, fields: { 'contact.safe_phone': 'full' }, once: true });
  const before = county.log.stored.length;
  // Time enough to ask twice.
  const patient = { ...county, limits: { ...county.limits, uniform: 2_000 } };
  return {
    county,
    atShelter,
    beSlow: (times: number, meanwhile?: () => void): void => {
      slow = times;
      if (meanwhile !== undefined) onSlow.push(meanwhile);
    },
    askForPhone: () => ask(patient, police, dvOfficer, atPolice, PHONE),
    since: () => county.log.stored.slice(before).map(({ id, header }) => ({ id, type: decodeHeader(header).type })),
  };
}

async function releasedBy(county: County, id: Uint8Array): Promise<readonly boolean[]> {
  const desk = {
    ...county,
    entries: {
      find: (wanted: Uint8Array) =>
        Promise.resolve(county.log.stored.find((entry) => Buffer.compare(entry.id, wanted) === 0)),
    },
    bundles: { find: () => Promise.resolve(bundle) },
    wrappedKeys: { find: () => Promise.resolve(new Map()) },
  };
  const account = await accountFor(desk, shelter, advocate, Buffer.from(id).toString('hex') as EntryId, at);
  return account.fields.map(({ released }) => released);
}

const typesOf = (changes: readonly Change[]): readonly string[] => changes.map(({ type }) => type);

describe('a release that did not leave within its lease', () => {
  it('is appended once more, and her release for once is spent on that which left', async () => {
    const { county, beSlow, askForPhone, since } = await countyWithSlowLedger();
    beSlow(1);
    expect((await askForPhone()).kind).toBe('released');
    const entries = since();
    expect(entries.map(({ type }) => type)).toEqual([DECISION, NOT_RELEASED, DECISION]);
    expect(await releasedBy(county, entries[0]!.id)).toEqual([false]);
    expect(await releasedBy(county, entries[2]!.id)).toEqual([true]);
    expect((await askForPhone()).kind).toBe('uniform');
  });

  it('twice too late, leaves her release for once as it was', async () => {
    const { county, beSlow, askForPhone, since } = await countyWithSlowLedger();
    beSlow(2);
    await expect(askForPhone()).rejects.toMatchObject({ code: 'RELEASE_TOO_LATE' });
    const decisions = since().filter(({ type }) => type === DECISION);
    expect(await Promise.all(decisions.map(({ id }) => releasedBy(county, id)))).toEqual([[false], [false]]);
    expect((await askForPhone()).kind).toBe('released');
    expect((await askForPhone()).kind).toBe('uniform');
  });

  it('never outlasts her word that comes meanwhile', async () => {
    const { county, atShelter, beSlow, askForPhone } = await countyWithSlowLedger();
    let stopped: Promise<unknown> = Promise.resolve();
    beSlow(1, () => {
      stopped = recordWithdrawal(county, shelter, advocate, { subject: atShelter, from: police.id }, at);
    });
    // Whether her word or the second attempt comes first is open; what it is about is what holds afterwards.
    await askForPhone();
    await stopped;
    const ofHerRelease = typesOf(county.log.changes).filter((type) => type.startsWith('consent '));
    expect(ofHerRelease.at(-1)).toBe('consent withdrawn');
    expect((await askForPhone()).kind).toBe('uniform');
  });
});
