import type { KeyObject } from 'node:crypto';
import { encode } from 'cborg';
import type { Serial } from '#certificates';
import { decodeHeader } from '#ledger';
import type { OfficerId } from '#terms';
import type { Change } from './change.js';
import { decodeBody, encodeBody } from './entry-body.js';
import { assertFact, recordWithdrawal, resumeAgency, revokeCertificate, suspendAgency } from './index.js';
import {
  type County,
  advocate,
  ask,
  at,
  caller,
  dvOfficer,
  hospital,
  linkByCode,
  open,
  openCounty,
  operator,
  police,
  shelter,
  sign,
  values,
  vocabulary,
} from '../testonly/county.js';
import { maraIn } from '../testonly/mara.js';
import { MemoryLog } from '../../ledger/testonly/memory-log.js';

const PHONE = ['contact.safe_phone'];
const clerk = caller(operator, 'clerk');
const because = 'its certificate key was found on a public server';

const suspend = (county: County, agency: typeof police) =>
  suspendAgency(county, operator, clerk, { agency: agency.id, reason: because }, at);
const resume = (county: County, agency: typeof police) =>
  resumeAgency(county, operator, clerk, { agency: agency.id, reason: 'a new key' }, at);

/** A question of the police to the shelter, while which something happens. */
async function asking(county: County, agency: typeof police) {
  const { atPolice } = await maraIn(county);
  const system = county.systems.get(shelter.id)!;
  system.meanwhile = () => {
    system.meanwhile = () => Promise.resolve();
    return suspend(county, agency);
  };
  return (as: County = county) => ask(as, police, dvOfficer, atPolice, PHONE);
}

/** A county that does not say of its questions that they rest on who is let in. */
function forgetful(county: County): County {
  const { sequencer } = county;
  const submit: typeof sequencer.submit = (pending) =>
    sequencer.submit({
      ...pending,
      reads: new Set([...pending.reads].filter((key) => !/^(agency|certificate) /.test(key))),
    });
  return {
    ...county,
    sequencer: Object.create(sequencer, {
      submit: { value: submit },
      position: { get: () => sequencer.position },
    }) as typeof sequencer,
  };
}

describe('a suspended agency', () => {
  it('discloses nothing, though it was asked and had answered before', async () => {
    const county = openCounty();
    const asked = await asking(county, shelter);
    expect((await asked()).kind).toBe('uniform');
    expect((await asked()).kind).toBe('uniform');
    expect(county.systems.get(shelter.id)?.asked).toHaveLength(1);
  });

  it('is told nothing, though its question was under way before', async () => {
    const county = openCounty();
    const asked = await asking(county, police);
    await expect(asked()).rejects.toMatchObject({ code: 'AGENCY_SUSPENDED' });
  });

  it.each([
    ['discloser', shelter],
    ['asker', police],
  ])('would be let through as %s by a question that did not rest on it', async (_, agency) => {
    const county = openCounty();
    const asked = await asking(county, agency);
    expect((await asked(forgetful(county))).kind).toBe('released');
    expect(county.known.isSuspended(agency.id)).toBe(true);
  });

  it('is acknowledged as one when no release under the state before can leave any more', async () => {
    const county = openCounty();
    const began = county.clock.monotonic();
    await suspend(county, police);
    expect(county.clock.monotonic() - began).toBeGreaterThan(county.limits.lease);
    expect(decodeHeader(county.log.stored.at(-1)!.header).type).toBe(51);
  });

  it('is suspended at every replica before anything leaves there', async () => {
    const log = new MemoryLog<Change>();
    const keys = new Map<string, KeyObject>();
    const one = openCounty({ log, keys });
    const two = openCounty({ log, keys });
    const atShelter = await open(one, shelter, 'HH-0142');
    const atPolice = await open(one, police, 'P-55821');
    await linkByCode(one, shelter, atShelter, police, atPolice);
    await sign(one, atShelter, { from: shelter, to: police, fields: { 'contact.safe_phone': 'full' } });
    await two.sequencer.catchUp();
    await suspend(one, shelter);
    expect((await ask(two, police, dvOfficer, atPolice, PHONE)).kind).toBe('uniform');
    await resume(one, shelter);
    await two.sequencer.catchUp();
    expect(values(await ask(two, police, dvOfficer, atPolice, PHONE))).toEqual({ 'contact.safe_phone': '+1 555 0142' });
    await suspend(one, police);
    await expect(ask(two, police, dvOfficer, atPolice, PHONE)).rejects.toMatchObject({ code: 'AGENCY_SUSPENDED' });
  });

  it('states nothing any more; but what she has said to it holds', async () => {
    const county = openCounty();
    const { atShelter, atPolice } = await maraIn(county);
    await suspend(county, shelter);
    const said = { subject: atShelter, fact: 'age' as never, value: '18 and over', basis: 'her passport' };
    const stated = assertFact(county, shelter, advocate, said, at);
    await expect(stated).rejects.toMatchObject({ code: 'AGENCY_SUSPENDED' });
    await recordWithdrawal(county, shelter, advocate, { subject: atShelter, from: 'everyone' }, at);
    await resume(county, shelter);
    expect((await ask(county, police, dvOfficer, atPolice, PHONE)).kind).toBe('uniform');
  });

  it('is suspended by the operator alone, which cannot suspend itself, and let in again by a person', async () => {
    const county = openCounty();
    const request = { agency: police.id, reason: because };
    const by = (agency: typeof police) => () => suspendAgency(county, agency, caller(agency, 'clerk'), request, at);
    expect(by(hospital)).toThrow(refused('NOT_ALLOWED'));
    expect(() => suspend(county, operator)).toThrow(refused('QUESTION_INVALID'));
    const nobody = { ...request, agency: 'nobody' as typeof police.id };
    expect(() => suspendAgency(county, operator, clerk, nobody, at)).toThrow(refused('QUESTION_INVALID'));
    expect(() => resumeAgency(county, operator, caller(operator, 'system'), request, at)).toThrow(
      refused('NOT_ALLOWED'),
    );
    expect(county.log.stored).toHaveLength(0);
  });
});

describe('a revoked certificate', () => {
  const serial = '4A00' as Serial;
  const officer = { ...dvOfficer, certificate: serial };
  const revoke = (county: County, by: typeof police, agency = police) =>
    revokeCertificate(county, by, caller(by, 'clerk'), { agency: agency.id, serial, reason: because }, at);

  async function askingWith(who: typeof dvOfficer, revoked = police) {
    const county = openCounty();
    const { atPolice } = await maraIn(county);
    const system = county.systems.get(shelter.id)!;
    system.meanwhile = () => {
      system.meanwhile = () => Promise.resolve();
      return revoke(county, revoked, revoked);
    };
    return { county, asked: (as: County = county) => ask(as, police, who, atPolice, PHONE) };
  }

  it('gets nothing, though its question was under way before', async () => {
    const { asked } = await askingWith(officer);
    await expect(asked()).rejects.toMatchObject({ code: 'CERTIFICATE_REVOKED' });
  });

  it('would get it if questions did not rest on it', async () => {
    const { county, asked } = await askingWith(officer);
    expect((await asked(forgetful(county))).kind).toBe('released');
  });

  it('is nobody else’s: not another of the agency’s, nor one of the same number', async () => {
    const other = await askingWith({ ...dvOfficer, certificate: '4A01' as Serial });
    expect((await other.asked()).kind).toBe('released');
    const named = await askingWith(officer, hospital);
    expect((await named.asked()).kind).toBe('released');
  });

  it('changes nothing any more', async () => {
    const county = openCounty();
    const atPolice = await open(county, police, 'P-55821');
    await revoke(county, operator);
    const said = { subject: atPolice, fact: 'subject_role' as never, value: ['survivor'], basis: 'the report' };
    const stated = assertFact(county, police, officer, said, at);
    await expect(stated).rejects.toMatchObject({ code: 'CERTIFICATE_REVOKED' });
    await assertFact(county, police, dvOfficer, said, at);
  });

  it('is revoked by the operator or its own agency, and is so once the lease is over', async () => {
    const county = openCounty();
    expect(() => revoke(county, hospital)).toThrow(refused('NOT_ALLOWED'));
    for (const by of [police, operator]) {
      const began = county.clock.monotonic();
      await revoke(county, by);
      expect(county.clock.monotonic() - began).toBeGreaterThan(county.limits.lease);
    }
    expect(county.known.isRevoked(police.id, serial)).toBe(true);
    expect(county.known.isRevoked(hospital.id, serial)).toBe(false);
  });

  it('reads back as it was written', () => {
    const order = { by: { agency: operator.id, officer: 'o-1' as OfficerId }, reason: because, at };
    const changes: readonly Change[] = [{ type: 'certificate revoked', agency: police.id, serial, order }];
    expect(decodeBody(encodeBody({ changes }, vocabulary), vocabulary).changes).toEqual(changes);
    const torn = encode([null, [[53, [police.id, 7, [operator.id, 'o-1', because, at]]]]]);
    expect(() => decodeBody(torn, vocabulary)).toThrow('does not read as a change');
  });
});

const refused = (code: string) => expect.objectContaining({ code }) as Error;

describe('an order', () => {
  const order = { by: { agency: operator.id, officer: 'o-1' as OfficerId }, reason: because, at };

  it.each(['agency suspended', 'agency resumed'] as const)('reads back as it was written: %s', (type) => {
    const changes: readonly Change[] = [{ type, agency: police.id, order }];
    expect(decodeBody(encodeBody({ changes }, vocabulary), vocabulary).changes).toEqual(changes);
  });

  it.each([
    [51, ['county-police']],
    [51, ['county-police', ['postern-operator', 'o-1', because]]],
    [51, [7, ['postern-operator', 'o-1', because, at]]],
    [52, ['county-police', ['postern-operator', 'o-1', because, 'now']]],
  ])('that is none is refused: %j %j', (number, said) => {
    expect(() => decodeBody(encode([null, [[number, said]]]), vocabulary)).toThrow('does not read as a change');
  });
});
