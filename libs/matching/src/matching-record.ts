import {
  type AgencyId,
  type FactId,
  type FactName,
  type HandleId,
  type LinkId,
  type OfficerId,
  Outside,
  type PersonId,
  type Role,
  type UnitId,
} from '#terms';
import type { Assertion, Stated, Towards } from './assertion.js';
import { type Case, CASE_ROLES, type CaseId, type Party } from './case.js';
import type { CodeId, LinkCode, Redemption } from './code.js';
import type { Docket } from './docket.js';
import { MatchingError } from './error.js';
import type { Handle, Link, LinkBasis } from './link.js';

/** Plain JSON of one thing of this room, to be sealed and kept. */
export type MatchingRecord = { readonly [key: string]: unknown };
export interface Kinds {
  readonly handle: Handle;
  readonly link: Link;
  readonly code: LinkCode;
  readonly docket: Docket;
  readonly case: Case;
  readonly assertion: Assertion;
}

const VERSION = 1;

/**
 * The record that `fromRecord` reads as this thing. What could not be read back is refused here: kept, it would stop
 * every later decision about her.
 *
 * @example fromRecord('link', JSON.parse(JSON.stringify(toRecord('link', link)))) // the same link
 */
export function toRecord<K extends keyof Kinds>(kind: K, thing: Kinds[K]): MatchingRecord {
  const record = { version: VERSION, kind, thing };
  fromRecord(kind, record);
  return record;
}

/** Reads what was kept; stored bytes are outside data, and one wrong word makes the whole record unreadable. */
export function fromRecord<K extends keyof Kinds>(kind: K, record: unknown): Kinds[K] {
  const outside = Outside.of(record, (problem) => new MatchingError('MATCHING_RECORD_INVALID', problem));
  outside.closed(['version', 'kind', 'thing']);
  if (outside.get('version').wholeNumber() !== VERSION) outside.fail('has a version that is not known');
  outside.get('kind').word([kind]);
  return READERS[kind](outside.get('thing'));
}

const READERS: { readonly [K in keyof Kinds]: (thing: Outside) => Kinds[K] } = {
  handle: readHandle,
  link: readLink,
  code: readCode,
  docket: readDocket,
  case: readCase,
  assertion: readAssertion,
};

function readHandle(handle: Outside): Handle {
  handle.closed(['id', 'agency', 'person', 'openedAt']);
  return {
    id: handle.get('id').name() as HandleId,
    agency: handle.get('agency').name() as AgencyId,
    person: handle.get('person').name() as PersonId,
    openedAt: handle.get('openedAt').instant(),
  };
}

function readLink(link: Outside): Link {
  link.closed(['id', 'a', 'b', 'basis', 'madeAt']);
  return {
    id: link.get('id').name() as LinkId,
    a: link.get('a').name() as HandleId,
    b: link.get('b').name() as HandleId,
    basis: readBasis(link.get('basis')),
    madeAt: link.get('madeAt').instant(),
  };
}

function readBasis(basis: Outside): LinkBasis {
  const kind = basis.get('kind').word(['code', 'docket']);
  basis.closed(kind === 'code' ? ['kind', 'legalBasis'] : ['kind']);
  return kind === 'code' ? { kind, legalBasis: basis.get('legalBasis').name() } : { kind };
}

const CODE_TERMS = ['state', 'id', 'secretHash', 'issuer', 'recipient', 'legalBasis', 'issuedAt', 'expiresAt'];

function readCode(code: Outside): LinkCode {
  const state = code.get('state').word(['issued', 'redeemed', 'confirmed', 'cancelled']);
  const issuer = code.get('issuer').closed(['agency', 'handle', 'officer']);
  const terms = {
    id: code.get('id').name() as CodeId,
    secretHash: code.get('secretHash').hex(32),
    issuer: {
      agency: issuer.get('agency').name() as AgencyId,
      handle: issuer.get('handle').name() as HandleId,
      officer: issuer.get('officer').name() as OfficerId,
    },
    recipient: code.get('recipient').name() as AgencyId,
    legalBasis: code.get('legalBasis').name(),
    issuedAt: code.get('issuedAt').instant(),
    expiresAt: code.get('expiresAt').instant(),
  };
  switch (state) {
    case 'issued':
      code.closed(CODE_TERMS);
      return { ...terms, state };
    case 'redeemed':
      code.closed([...CODE_TERMS, 'redeemed', 'confirmedBy']);
      return {
        ...terms,
        state,
        redeemed: readRedemption(code.get('redeemed')),
        confirmedBy: code.get('confirmedBy').list((agency) => agency.name() as AgencyId),
      };
    case 'confirmed':
      code.closed([...CODE_TERMS, 'redeemed', 'link']);
      return { ...terms, state, redeemed: readRedemption(code.get('redeemed')), link: readLink(code.get('link')) };
    case 'cancelled':
      code.closed([...CODE_TERMS, 'cancelledAt']);
      return { ...terms, state, cancelledAt: code.get('cancelledAt').instant() };
  }
}

function readRedemption(redeemed: Outside): Redemption {
  redeemed.closed(['handle', 'officer', 'at']);
  return {
    handle: redeemed.get('handle').name() as HandleId,
    officer: redeemed.get('officer').name() as OfficerId,
    at: redeemed.get('at').instant(),
  };
}

function readDocket(docket: Outside): Docket {
  docket.closed(['handle', 'agency', 'key', 'role']);
  return {
    handle: docket.get('handle').name() as HandleId,
    agency: docket.get('agency').name() as AgencyId,
    key: docket.get('key').hex(32),
    role: docket.get('role').word(CASE_ROLES),
  };
}

function readCase(told: Outside): Case {
  told.closed(['id', 'openedAt', 'parties']);
  return {
    id: told.get('id').name() as CaseId,
    openedAt: told.get('openedAt').instant(),
    parties: told.get('parties').list(readParty),
  };
}

function readParty(party: Outside): Party {
  const role = party.get('role').word(CASE_ROLES);
  const handle = party.get('handle').name() as HandleId;
  party.closed(role === 'person_using_violence' ? ['handle', 'role', 'standing'] : ['handle', 'role']);
  return role === 'person_using_violence'
    ? { handle, role, standing: party.get('standing').word(['alleged', 'established', 'disputed']) }
    : { handle, role };
}

function readAssertion(assertion: Outside): Assertion {
  assertion.closed(['id', 'person', 'fact', 'value', 'by', 'basis', 'at'], ['towards', 'reason', 'until']);
  const by = assertion.get('by').closed(['agency', 'role']);
  return {
    id: assertion.get('id').name() as FactId,
    person: assertion.get('person').name() as PersonId,
    fact: assertion.get('fact').name() as FactName,
    value: readStated(assertion.get('value')),
    ...assertion.optional('towards', readTowards),
    by: { agency: by.get('agency').name() as AgencyId, role: by.get('role').name() as Role },
    basis: assertion.get('basis').text(),
    ...assertion.optional('reason', (reason) => reason.text()),
    at: assertion.get('at').instant(),
    ...assertion.optional('until', (until) => until.instant()),
  };
}

function readStated(value: Outside): Stated {
  if (value.isText()) return value.name();
  if (value.isList()) return value.list((word) => word.name());
  value.closed([], ['date', 'count']);
  const { date } = value.optional('date', (day) => day.date());
  const { count } = value.optional('count', (number) => number.wholeNumber());
  if (date !== undefined && count === undefined) return { date };
  if (count !== undefined && date === undefined) return { count };
  return value.fail('is neither a date nor a count');
}

function readTowards(towards: Outside): Towards {
  towards.closed(['agency'], ['unit', 'officer']);
  return {
    agency: towards.get('agency').name() as AgencyId,
    ...towards.optional('unit', (unit) => unit.name() as UnitId),
    ...towards.optional('officer', (officer) => officer.name() as OfficerId),
  };
}
