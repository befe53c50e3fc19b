import {
  type AgencyId,
  type ConsentId,
  type EntryId,
  type FieldName,
  type Level,
  type OfficerId,
  Outside,
  type PersonId,
  type Purpose,
} from '#terms';
import type {
  Active,
  Capacity,
  Confirmation,
  Consent,
  Directive,
  Informed,
  Member,
  Permit,
  PermitEnd,
  PermitScope,
  RefusalEnd,
  RefusalScope,
  Signer,
  Signing,
  Unresolved,
} from './consent.js';
import { ConsentError } from './error.js';
import { checkShape } from './scope.js';

/** Plain JSON of one consent, to be sealed and kept. */
export type ConsentRecord = { readonly [key: string]: unknown };

const VERSION = 1;

/**
 * The record that `fromRecord` reads as this consent. What could not be read back is refused here: kept, it would stop
 * every later decision about her.
 *
 * @example fromRecord(JSON.parse(JSON.stringify(toRecord(consent)))) // the same consent
 */
export function toRecord(consent: Consent): ConsentRecord {
  const record = { version: VERSION, ...consent, directive: directiveRecord(consent.directive) };
  fromRecord(record);
  return record;
}

/**
 * Reads what was kept; stored bytes are outside data, and one wrong word makes the whole record unreadable. It throws
 * rather than leave a directive out: a refusal that was skipped would let an older permit decide.
 */
export function fromRecord(record: unknown): Consent {
  const outside = Outside.of(record, invalid);
  if (outside.get('version').wholeNumber() !== VERSION) outside.fail('has a version that is not known');
  const consent = readConsent(outside);
  checkShape(consent.directive);
  return consent;
}

function readConsent(record: Outside): Consent {
  const common = ['version', 'state', 'id', 'person', 'directive'];
  const state = record.get('state').word(['draft', 'pending', 'active', 'withdrawn', 'void', 'inert']);
  const identity = {
    id: record.get('id').name() as ConsentId,
    person: record.get('person').name() as PersonId,
  };
  switch (state) {
    case 'draft':
      record.closed([...common, 'preparedBy', 'preparedAt']);
      return {
        state,
        ...identity,
        directive: readDirective(record.get('directive')),
        preparedBy: readMember(record.get('preparedBy')),
        preparedAt: record.get('preparedAt').instant(),
      };
    case 'pending':
      record.closed([...common, 'signing', 'confirmations']);
      return {
        state,
        ...identity,
        directive: readPermit(record.get('directive')),
        signing: readSigning(record.get('signing')),
        confirmations: record.get('confirmations').list(readConfirmation),
      };
    case 'active':
      record.closed([...common, 'signing', 'confirmations', 'activeFrom'], ['used']);
      return readActive(record, identity);
    case 'withdrawn':
      record.closed([...common, 'withdrawnAt', 'heardBy'], ['signing']);
      return {
        state,
        ...identity,
        directive: readPermit(record.get('directive')),
        ...record.optional('signing', readSigning),
        withdrawnAt: record.get('withdrawnAt').instant(),
        heardBy: readMember(record.get('heardBy')),
      };
    case 'void':
      record.closed([...common, 'voidedAt', 'voidedBy', 'reason'], ['signing']);
      return {
        state,
        ...identity,
        directive: readPermit(record.get('directive')),
        ...record.optional('signing', readSigning),
        voidedAt: record.get('voidedAt').instant(),
        voidedBy: readMember(record.get('voidedBy')),
        reason: record
          .get('reason')
          .word(['signer_could_not_sign', 'not_informed', 'condition_of_service', 'not_given_by_her', 'subject_died']),
      };
    case 'inert':
      record.closed([...common, 'signing', 'enrolledBy']);
      return {
        state,
        ...identity,
        directive: readPermit(record.get('directive')),
        signing: readSigning(record.get('signing')),
        enrolledBy: readMember(record.get('enrolledBy')),
      };
  }
}

function readActive(record: Outside, identity: Pick<Active, 'id' | 'person'>): Active {
  const directive = readDirective(record.get('directive'));
  const used = record.optional('used', (disclosure) => {
    disclosure.closed(['by', 'at']);
    return { by: disclosure.get('by').name() as EntryId, at: disclosure.get('at').instant() };
  });
  if (used.used !== undefined && directive.scope.end.kind !== 'once')
    record.fail('is used up, but was not for one disclosure');
  return {
    state: 'active',
    ...identity,
    directive,
    signing: readSigning(record.get('signing')),
    activeFrom: record.get('activeFrom').instant(),
    confirmations: record.get('confirmations').list(readConfirmation),
    ...used,
  };
}

function directiveRecord(directive: Directive): ConsentRecord {
  if (directive.kind === 'refuse') return { ...directive };
  return { ...directive, scope: { ...directive.scope, fields: [...directive.scope.fields] } };
}

function readDirective(record: Outside): Directive {
  const kind = record.get('kind').word(['permit', 'refuse']);
  if (kind === 'permit') return readPermit(record);
  record.closed(['kind', 'scope']);
  return { kind, scope: readRefusalScope(record.get('scope')) };
}

function readPermit(record: Outside): Permit {
  record.closed(['kind', 'scope', 'lifts']);
  return {
    kind: record.get('kind').word(['permit']),
    scope: readPermitScope(record.get('scope')),
    lifts: record.get('lifts').list((id) => id.name() as ConsentId),
  };
}

const SCOPE = ['disclosers', 'recipients', 'fields', 'purposes', 'end', 'unresolved'];

function readPermitScope(scope: Outside): PermitScope {
  scope.closed(SCOPE);
  const fields = scope.get('fields').list((pair) => {
    const [name, level] = pair.list((item) => item);
    if (name === undefined || level === undefined) return pair.fail('is not a field and its level');
    return [name.name() as FieldName, level.wholeNumber() as Level] as const;
  });
  const byName = new Map(fields);
  if (byName.size !== fields.length) scope.fail('names a field twice');
  return {
    disclosers: scope.get('disclosers').list((agency) => agency.name() as AgencyId),
    recipients: scope.get('recipients').list((agency) => agency.name() as AgencyId),
    fields: byName,
    purposes: scope.get('purposes').list((purpose) => purpose.name() as Purpose),
    end: readPermitEnd(scope.get('end')),
    unresolved: scope.get('unresolved').list(readUnresolved),
  };
}

function readRefusalScope(scope: Outside): RefusalScope {
  scope.closed(SCOPE);
  return {
    disclosers: anyOr(scope.get('disclosers'), (agency) => agency as AgencyId),
    recipients: anyOr(scope.get('recipients'), (agency) => agency as AgencyId),
    fields: anyOr(scope.get('fields'), (field) => field as FieldName),
    purposes: anyOr(scope.get('purposes'), (purpose) => purpose as Purpose),
    end: readRefusalEnd(scope.get('end')),
    unresolved: scope.get('unresolved').list(readUnresolved),
  };
}

function anyOr<Name>(value: Outside, as: (name: string) => Name): readonly Name[] | 'any' {
  return value.isList() ? value.list((item) => as(item.name())) : value.word(['any'] as const);
}

function readUnresolved(word: Outside): Unresolved {
  word.closed(['what', 'text']);
  return {
    what: word.get('what').word(['discloser', 'recipient', 'field', 'purpose']),
    text: word.get('text').text(),
  };
}

function readPermitEnd(end: Outside): PermitEnd {
  const kind = end.get('kind').word(['once', 'at', 'date']);
  if (kind !== 'once') return readDatedEnd(end, kind);
  end.closed(['kind']);
  return { kind };
}

function readRefusalEnd(end: Outside): RefusalEnd {
  const kind = end.get('kind').word(['until_lifted', 'at', 'date']);
  if (kind !== 'until_lifted') return readDatedEnd(end, kind);
  end.closed(['kind']);
  return { kind };
}

function readDatedEnd(end: Outside, kind: 'at' | 'date'): Extract<PermitEnd, { readonly kind: 'at' | 'date' }> {
  if (kind === 'at') {
    end.closed(['kind', 'instant']);
    return { kind, instant: end.get('instant').instant() };
  }
  end.closed(['kind', 'date', 'timeZone']);
  return { kind, date: end.get('date').date(), timeZone: end.get('timeZone').name() };
}

function readMember(member: Outside): Member {
  member.closed(['agency', 'officer']);
  return { agency: member.get('agency').name() as AgencyId, officer: member.get('officer').name() as OfficerId };
}

function readSigning(signing: Outside): Signing {
  signing.closed(['recordedBy', 'recordedAt', 'form', 'capacity', 'signers', 'witnesses'], ['informed']);
  return {
    recordedBy: readMember(signing.get('recordedBy')),
    recordedAt: signing.get('recordedAt').instant(),
    form: signing.get('form').word(['written', 'electronic', 'spoken']),
    capacity: readCapacity(signing.get('capacity')),
    signers: signing.get('signers').list(readSigner),
    witnesses: signing.get('witnesses').list(readMember),
    ...signing.optional('informed', readInformed),
  };
}

function readInformed(informed: Outside): Informed {
  informed.closed(['explainedBy', 'notice', 'notAConditionOfService']);
  return {
    explainedBy: readMember(informed.get('explainedBy')),
    notice: informed.get('notice').name(),
    notAConditionOfService: informed.get('notAConditionOfService').yesOrNo(),
  };
}

function readCapacity(capacity: Outside): Capacity {
  const kind = capacity.get('kind').word(['adult', 'minor', 'represented']);
  switch (kind) {
    case 'adult':
      capacity.closed(['kind']);
      return { kind };
    case 'minor':
      capacity.closed(['kind', 'mayGetServiceAlone', 'assessedBy']);
      return {
        kind,
        mayGetServiceAlone: capacity.get('mayGetServiceAlone').yesOrNo(),
        assessedBy: readMember(capacity.get('assessedBy')),
      };
    case 'represented':
      capacity.closed(['kind', 'assessedBy']);
      return { kind, assessedBy: readMember(capacity.get('assessedBy')) };
  }
}

function readSigner(signer: Outside): Signer {
  const kind = signer.get('kind').word(['herself', 'parent', 'guardian']);
  signer.closed(kind === 'herself' ? ['kind'] : ['kind', 'abusive']);
  return kind === 'herself' ? { kind } : { kind, abusive: signer.get('abusive').word(['yes', 'no', 'unknown']) };
}

function readConfirmation(confirmation: Outside): Confirmation {
  const kind = confirmation.get('kind').word(['she', 'discloser']);
  confirmation.closed(['kind', kind === 'she' ? 'witness' : 'by', 'at']);
  const at = confirmation.get('at').instant();
  return kind === 'she'
    ? { kind, witness: readMember(confirmation.get('witness')), at }
    : { kind, by: readMember(confirmation.get('by')), at };
}

function invalid(problem: string): ConsentError {
  return new ConsentError('CONSENT_RECORD_INVALID', problem);
}
