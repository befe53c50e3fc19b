import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { type StoredEntry, unseal } from '#ledger';
import { decide } from '#policy';
import { type FactName, type FactValue, type FieldName, type Level, type Purpose, NOTHING } from '#terms';
import { ENTRY_TYPE, type Change, touchedBy } from './change.js';
import { situationIn } from './account-for.js';
import { mayTellThatSheIsKnown } from './enrolment.js';
import { type DecisionRecord, packDecision, unpackDecision } from './decision-record.js';
import { decodeBody, encodeBody } from './entry-body.js';
import { FoldedLog } from './folded-log.js';
import { anyKeyOf, foldTail, recordWithdrawal, situationFrom } from './index.js';
import {
  type County,
  advocate,
  ask,
  at,
  bundle,
  dvOfficer,
  hospital,
  linkByCode,
  open,
  openCounty,
  police,
  shelter,
  sign,
  values,
  vocabulary,
} from '../testonly/county.js';
import { MemoryLog } from '../../ledger/testonly/memory-log.js';

const ALL = [...vocabulary.fields.keys()];

async function decisionIn(county: County, entry: StoredEntry): Promise<DecisionRecord | undefined> {
  const wrappedKeys = { find: () => Promise.resolve(new Map<string, Uint8Array>()) };
  const key = await anyKeyOf({ ...county, wrappedKeys }, entry);
  return key === undefined ? undefined : decodeBody(unseal(county.logId, entry, key), vocabulary).decision;
}

describe('what the ledger keeps', () => {
  it('decides again as it was decided', async () => {
    const county = openCounty();
    const atShelter = await open(county, shelter, 'HH-0142');
    const atPolice = await open(county, police, 'P-55821');
    await linkByCode(county, shelter, atShelter, police, atPolice);
    await sign(county, atShelter, {
      from: shelter,
      to: police,
      fields: { 'contact.safe_phone': 'full', 'person.birth_date': 'year' },
    });
    const purposes = [...vocabulary.purposes.keys()];
    const questions = fc.sample(
      fc.record({
        names: fc.subarray(ALL.slice(0, 86), { minLength: 1 }),
        purpose: fc.constantFrom(...purposes, 'safety_planning' as Purpose),
      }),
      { numRuns: 12, seed: 7 },
    );
    let granted = 0;
    for (const { names, purpose } of [
      ...questions,
      { names: ALL.slice(0, 40), purpose: 'safety_planning' as Purpose },
    ]) {
      await ask(county, police, dvOfficer, atPolice, names, { purpose });
      const record = await decisionIn(county, county.log.stored.at(-1)!);
      const [part] = record!.disclosers;
      for (const name of names) {
        const again = decide(bundle, situationFrom(record!, part!, name), [name]).fields.get(name)?.level ?? NOTHING;
        expect([name, again]).toEqual([name, part!.levels.get(name) ?? NOTHING]);
        if (again > NOTHING) granted += 1;
      }
    }
    expect(granted).toBeGreaterThan(0);
  });

  it('says why nobody was asked', async () => {
    const county = openCounty();
    const atShelter = await open(county, shelter, 'HH-0142');
    const atHospital = await open(county, hospital, '900417');
    await linkByCode(county, shelter, atShelter, hospital, atHospital);
    const asked = async () => {
      await ask(county, shelter, advocate, atShelter, ['medical.injury_findings']);
      const record = await decisionIn(county, county.log.stored.at(-1)!);
      return { record: record!, refused: record!.disclosers[0]!.refusedAsking };
    };
    const { record, refused } = await asked();
    expect(mayTellThatSheIsKnown(bundle, situationIn(refused!, record.purpose))).toBe(false);
    await sign(county, atShelter, {
      from: hospital,
      to: shelter,
      fields: { 'medical.injury_findings': 'full' },
    });
    const again = await asked();
    expect(again.refused).toBeUndefined();
    const granted = again.record.disclosers[0]!.grantedAsking;
    expect(mayTellThatSheIsKnown(bundle, situationIn(granted!, again.record.purpose))).toBe(true);
  });

  it('never holds a value', async () => {
    const county = openCounty();
    const atShelter = await open(county, shelter, 'HH-0142');
    const atPolice = await open(county, police, 'P-55821');
    await linkByCode(county, shelter, atShelter, police, atPolice);
    await sign(county, atShelter, { from: shelter, to: police, fields: { 'contact.safe_phone': 'full' } });
    const answer = await ask(county, police, dvOfficer, atPolice, ['contact.safe_phone']);
    expect(Object.keys(values(answer))).toHaveLength(1);
    const record = await decisionIn(county, county.log.stored.at(-1)!);
    expect([...record!.disclosers[0]!.present!]).toEqual(['contact.safe_phone']);
    expect(JSON.stringify(packDecision(record!, vocabulary))).not.toContain('555');
  });

  it('reads back every decision it packs', () => {
    const someFields = fc.subarray(ALL);
    const level = fc.integer({ min: 1, max: 3 }).map((number) => number as Level);
    const consent = fc.oneof(
      fc.record({ state: fc.constant('agreed' as const), level }),
      fc.record({
        state: fc.constantFrom('refused' as const, 'withdrawn' as const, 'expired' as const),
        level: fc.constant(NOTHING),
      }),
    );
    const mapOf = <T>(value: fc.Arbitrary<T>) =>
      fc
        .uniqueArray(fc.tuple(fc.constantFrom(...ALL), value), { selector: ([name]) => name })
        .map((pairs) => new Map<FieldName, T>(pairs));
    const situation = {
      origins: fc.constant([...hospital.regimes]),
      travelled: mapOf(fc.constant([...shelter.regimes])),
      facts: fc.constant(
        new Map<FactName, FactValue>([
          ['sector' as FactName, 'police'],
          ['tie' as FactName, ['his_employer']],
        ]),
      ),
      assertedBy: fc.constant(new Map([['tie' as never, [shelter.id]]])),
      consent: mapOf(consent),
    };
    const refused = fc.record({ refusedAsking: fc.record(situation) });
    const part = fc.record({
      agency: fc.constantFrom(hospital.id, shelter.id),
      ...situation,
      confirmed: mapOf(fc.constant(['serious_imminent_threat'])),
      levels: mapOf(level),
      present: fc.option(
        someFields.map((names) => new Set(names)),
        { nil: undefined },
      ),
    });
    const granted = fc.record({ grantedAsking: fc.record(situation) });
    const discloser = fc.oneof(
      part,
      fc.tuple(part, granted).map(([one, more]) => ({ ...one, ...more })),
      fc.tuple(part, refused).map(([one, more]) => ({ ...one, ...more })),
    );
    const decision = fc.record({
      decision: fc.string().map((text) => text as never),
      at: fc.constant(at),
      asker: fc.constantFrom(dvOfficer, advocate),
      subject: fc.constant('a handle' as never),
      purpose: fc.constantFrom(...vocabulary.purposes.keys()),
      fields: someFields,
      declares: fc.array(fc.record({ ground: fc.string(), reason: fc.string() }), { maxLength: 2 }),
      states: fc.constant(new Map([['emergency_declared' as never, { word: 'yes', reason: 'He is at the door.' }]])),
      disclosers: fc.array(discloser, { maxLength: 2 }),
    });
    fc.assert(
      fc.property(decision, (record: DecisionRecord) => {
        const body = decodeBody(encodeBody({ decision: record, changes: [] }, vocabulary), vocabulary);
        expect(orderless(body.decision)).toEqual(orderless(record));
      }),
      { numRuns: 60 },
    );
  });

  it.each([[null], [[]], ['text'], [[1, 2, 3, 4, 5, 6, 7, 8, 9]]])(
    'refuses what it would not have written: %j',
    (packed) => {
      expect(() => unpackDecision(packed, vocabulary)).toThrow('does not read as a decision');
    },
  );

  it('names every kind of entry in its catalogue, with its number', () => {
    const catalogue = readFileSync(join(import.meta.dirname, '..', 'ENTRIES.md'), 'utf8');
    const listed = [...catalogue.matchAll(/^\| +(\d+) +\| +(.+?) +\|/gm)].map(([, number, name]) => [
      name,
      Number(number),
    ]);
    expect(listed).toEqual([['filler', 0], ['erasure', 1], ...Object.entries(ENTRY_TYPE)]);
  });
});

describe('two replicas on one ledger', () => {
  it('know what the other wrote before anything leaves', async () => {
    const log = new MemoryLog<Change>();
    const keys = new Map<string, KeyObject>();
    const one = openCounty({ log, keys });
    const two = openCounty({ log, keys });
    const atShelter = await open(one, shelter, 'HH-0142');
    const atPolice = await open(one, police, 'P-55821');
    await linkByCode(one, shelter, atShelter, police, atPolice);
    await sign(one, atShelter, { from: shelter, to: police, fields: { 'contact.safe_phone': 'full' } });
    await two.sequencer.catchUp();
    expect((await ask(two, police, dvOfficer, atPolice, ['contact.safe_phone'])).kind).toBe('released');
    await recordWithdrawal(one, shelter, advocate, { subject: atShelter, from: police.id }, at);
    // Replica two has heard nothing of it: its compare-and-set must fail, and then it must decide anew.
    expect((await ask(two, police, dvOfficer, atPolice, ['contact.safe_phone'])).kind).toBe('uniform');
  });

  it('fold the same map from the same ledger', async () => {
    const county = openCounty();
    const atShelter = await open(county, shelter, 'HH-0142');
    const atPolice = await open(county, police, 'P-55821');
    await linkByCode(county, shelter, atShelter, police, atPolice);
    const consent = await sign(county, atShelter, {
      from: shelter,
      to: police,
      fields: { 'contact.safe_phone': 'full' },
    });
    await ask(county, police, dvOfficer, atPolice, ['contact.safe_phone']);
    const known = new FoldedLog();
    const find = (ids: readonly string[]) =>
      Promise.resolve(
        new Map(
          ids.flatMap((id) => county.known.wrappedKey(id as never) ?? []).map((key, i) => [ids[i]!, key] as const),
        ),
      );
    const touched = await foldTail({ ...county, known, vocabulary, wrappedKeys: { find } }, county.log.stored);
    expect(known.size).toBe(county.log.stored.length);
    expect(county.known.size).toBe(known.size);
    // Once more, as after a failure in the middle: nothing is there twice.
    await foldTail({ ...county, known, vocabulary, wrappedKeys: { find } }, county.log.stored);
    expect(known.linksOf(atPolice)).toEqual(county.known.linksOf(atPolice));
    expect(known.consent(consent.id)).toEqual(county.known.consent(consent.id));
    const { person } = county.known.handle(atPolice)!;
    expect(known.originsOf(person)).toEqual(county.known.originsOf(person));
    expect(known.joined(person)).toEqual(county.known.joined(person));
    const wrote = county.log.changes.flatMap(touchedBy);
    expect(new Set(touched.flatMap((names) => [...names]))).toEqual(new Set(wrote));
  });
});

describe('a value that travelled', () => {
  it('keeps the law of whoever first disclosed it, in whatever hands', async () => {
    const county = openCounty();
    const atShelter = await open(county, shelter, 'HH-0142');
    const atPolice = await open(county, police, 'P-55821');
    await linkByCode(county, shelter, atShelter, police, atPolice);
    await sign(county, atShelter, { from: shelter, to: police, fields: { 'contact.safe_phone': 'full' } });
    await ask(county, police, dvOfficer, atPolice, ['contact.safe_phone']);
    const { person } = county.known.handle(atPolice)!;
    expect(county.known.originsOf(person).get('contact.safe_phone' as FieldName)).toEqual(
      new Set(['us-victim-services']),
    );
    const entries = county.log.stored.length;
    await ask(county, police, dvOfficer, atPolice, ['contact.safe_phone']);
    expect(county.log.changes.filter(({ type }) => type === 'origin grew')).toHaveLength(1);
    expect(county.log.stored).toHaveLength(entries + 1);
  });
});

function orderless(value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, each]) => [String(key), orderless(each)]));
  if (value instanceof Set) return [...value].map(String).toSorted();
  if (Array.isArray(value)) {
    const list = value.map(orderless);
    return list.every((each) => typeof each === 'string') ? list.toSorted() : list;
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, orderless(each)]));
  }
  return value;
}
