import { decode, encode } from 'cborg';
import { type Consent, fromRecord as consentFrom, toRecord as consentTo } from '#consent';
import { fromRecord as matchingFrom, toRecord as matchingTo } from '#matching';
import type { EntryId, Instant, Vocabulary } from '#terms';
import { type BrokenGlass, type Change, ENTRY_TYPE, type Order, type Review } from './change.js';
import { type DecisionRecord, packDecision, unpackDecision } from './decision-record.js';
import { DisclosureError } from './error.js';
import { type RecipientKey, readRecipientKey } from './recipient-key.js';

/** What is sealed in an entry: the decision it records, if it records one, and what it changes. */
export interface EntryBody {
  readonly decision?: DecisionRecord;
  /** The entry of a decision whose values, though it says so, did not leave. */
  readonly notReleased?: EntryId;
  readonly changes: readonly Change[];
}

/** The body as deterministic CBOR: `[decision or null, [[number of the change, what it says], …], not released?]`. */
export function encodeBody(body: EntryBody, vocabulary: Vocabulary): Uint8Array {
  const decision = body.decision === undefined ? null : packDecision(body.decision, vocabulary);
  const changes = body.changes.map((change) => [ENTRY_TYPE[change.type], packChange(change)]);
  return encode(body.notReleased === undefined ? [decision, changes] : [decision, changes, body.notReleased]);
}

/** Reads what {@link encodeBody} wrote. Throws `LEDGER_DAMAGED` for anything else. */
export function decodeBody(encoded: Uint8Array, vocabulary: Vocabulary): EntryBody {
  let body: unknown;
  try {
    body = decode(encoded);
  } catch (cause) {
    throw new DisclosureError('LEDGER_DAMAGED', 'an entry body is not CBOR', { cause });
  }
  if (!Array.isArray(body) || body.length < 2 || body.length > 3 || !Array.isArray(body[1])) throw damaged();
  const [decision, changes, notReleased] = body as [unknown, readonly unknown[], unknown?];
  return {
    ...(decision !== null && { decision: unpackDecision(decision, vocabulary) }),
    ...(body.length === 3 && { notReleased: text(notReleased) }),
    changes: changes.map(unpackChange),
  };
}

/** A change as plain words and bytes; maps become lists of pairs. The two functions below are each other's inverse. */
function packChange(change: Change): unknown {
  switch (change.type) {
    case 'handle opened':
      return [matchingTo('handle', change.handle), change.wrappedKey, change.sealedLocalId, change.localIdHash];
    case 'docket stated':
      return [change.person, matchingTo('docket', change.docket)];
    case 'link code issued':
    case 'link code redeemed':
      return [change.person, matchingTo('code', change.code)];
    case 'link made':
      return [matchingTo('link', change.link), [...change.persons]];
    case 'link ended':
      return [change.link, [...change.persons]];
    case 'consent recorded':
    case 'consent confirmed':
    case 'consent withdrawn':
    case 'consent used':
    case 'consent given back':
      return consentTo(change.consent);
    case 'fact asserted':
      return matchingTo('assertion', change.assertion);
    case 'fact corrected': {
      const { fact, person, instead, by, reason, at } = change;
      const stated = instead === undefined ? null : matchingTo('assertion', instead);
      return [fact, person, stated, by.agency, by.officer, reason, at];
    }
    case 'inquiry raised':
      return withoutUndefined(change.inquiry);
    case 'inquiry answered':
      return [change.inquiry, change.person, withoutUndefined(change.answer)];
    case 'review opened':
      return packReview(change.review);
    case 'review closed': {
      const { verdict, note, by, at } = change.finding;
      return [change.review, change.person, verdict === 'justified', note, by, at];
    }
    case 'glass broken': {
      const { decision, discloser, person, asker, purpose, fields, reason, at } = change.glass;
      const { agency, unit, officer } = asker;
      return [decision, discloser, person, [agency, unit ?? null, officer], purpose, [...fields], reason, at];
    }
    case 'agency suspended':
    case 'agency resumed':
      return [change.agency, packOrder(change.order)];
    case 'recipient key published':
      return [change.agency, change.key.publicKey.x, change.by.agency, change.by.officer, change.at];
    case 'recipient key withdrawn':
      return [change.agency, change.kid, change.by.agency, change.by.officer, change.at];
    case 'certificate revoked':
      return [change.agency, change.serial, packOrder(change.order)];
    case 'origin grew':
      return [change.person, [...change.origins].map(([field, regimes]) => [field, [...regimes]])];
    case 'policy published':
      return [change.digest, change.vocabulary, change.at];
    case 'person erased': {
      const { persons, links, codes, ground, orderedBy, at } = change;
      return [[...persons], [...links], [...codes], ground.kind === 'asked' ? null : ground.regime, orderedBy, at];
    }
    case 'hold placed':
      return [change.person, { ...change.hold }];
    case 'hold lifted':
      return [change.person, change.by, change.at];
  }
}

const TYPE_OF_NUMBER = new Map(Object.entries(ENTRY_TYPE).map(([type, number]) => [number as number, type]));

function unpackChange(packed: unknown): Change {
  if (!Array.isArray(packed) || packed.length !== 2) throw damaged();
  const [number, said] = packed as [unknown, unknown];
  const type = typeof number === 'number' ? TYPE_OF_NUMBER.get(number) : undefined;
  switch (type) {
    case 'handle opened': {
      const [handle, wrappedKey, sealedLocalId, localIdHash] = listOf(said, 4);
      return {
        type,
        handle: matchingFrom('handle', handle),
        wrappedKey: bytes(wrappedKey),
        sealedLocalId: bytes(sealedLocalId),
        localIdHash: text(localIdHash),
      };
    }
    case 'docket stated': {
      const [person, docket] = listOf(said, 2);
      return { type, person: text(person), docket: matchingFrom('docket', docket) };
    }
    case 'link code issued':
    case 'link code redeemed': {
      const [person, code] = listOf(said, 2);
      return { type, person: text(person), code: matchingFrom('code', code) };
    }
    case 'link made': {
      const [link, persons] = listOf(said, 2);
      const [a, b] = listOf(persons, 2);
      return { type, link: matchingFrom('link', link), persons: [text(a), text(b)] };
    }
    case 'link ended': {
      const [link, persons] = listOf(said, 2);
      const [a, b] = listOf(persons, 2);
      return { type, link: text(link), persons: [text(a), text(b)] };
    }
    case 'consent recorded':
    case 'consent confirmed':
    case 'consent withdrawn':
    case 'consent used':
    case 'consent given back':
      return { type, consent: consentFrom(said) satisfies Consent };
    case 'fact asserted':
      return { type, assertion: matchingFrom('assertion', said) };
    case 'fact corrected': {
      const [fact, person, instead, agency, officer, reason, at] = listOf(said, 7);
      return {
        type,
        fact: text(fact),
        person: text(person),
        ...(instead !== null && { instead: matchingFrom('assertion', instead) }),
        by: { agency: text(agency), officer: text(officer) },
        reason: text(reason),
        at: moment(at),
      };
    }
    case 'inquiry raised':
      return { type, inquiry: plain(said) };
    case 'inquiry answered': {
      const [inquiry, person, answer] = listOf(said, 3);
      return { type, inquiry: text(inquiry), person: text(person), answer: plain(answer) };
    }
    case 'review opened':
      return { type, review: reviewFrom(plain(said)) };
    case 'review closed': {
      const [review, person, justified, note, by, at] = listOf(said, 6);
      if (typeof justified !== 'boolean') throw damaged();
      const verdict = justified ? ('justified' as const) : ('not justified' as const);
      const finding = { verdict, note: text(note), by: text(by), at: moment(at) };
      return { type, review: text(review), person: text(person), finding };
    }
    case 'glass broken':
      return { type, glass: glassFrom(said) };
    case 'agency suspended':
    case 'agency resumed': {
      const [agency, order] = listOf(said, 2);
      return { type, agency: text(agency), order: orderFrom(order) };
    }
    case 'recipient key published':
    case 'recipient key withdrawn': {
      const [agency, named, by, officer, at] = listOf(said, 5);
      const stated = { agency: text(agency), by: { agency: text(by), officer: text(officer) }, at: moment(at) };
      return type === 'recipient key published'
        ? { type, ...stated, key: recipientKeyFrom(text(named)) }
        : { type, ...stated, kid: text(named) };
    }
    case 'certificate revoked': {
      const [agency, serial, order] = listOf(said, 3);
      return { type, agency: text(agency), serial: text(serial), order: orderFrom(order) };
    }
    case 'origin grew': {
      const [person, origins] = listOf(said, 2);
      return { type, person: text(person), origins: new Map(listOf(origins).map(pairOfOrigin)) };
    }
    case 'policy published': {
      const [digest, vocabulary, at] = listOf(said, 3);
      return { type, digest: text(digest), vocabulary: text(vocabulary), at: plain(at) };
    }
    case 'person erased': {
      const [persons, links, codes, regime, orderedBy, at] = listOf(said, 6);
      return {
        type,
        persons: listOf(persons).map(text),
        links: listOf(links).map(text),
        codes: listOf(codes).map(text),
        ground: regime === null ? { kind: 'asked' } : { kind: 'retention', regime: text(regime) },
        orderedBy: text(orderedBy),
        at: plain(at),
      };
    }
    case 'hold placed': {
      const [person, hold] = listOf(said, 2);
      return { type, person: text(person), hold: plain(hold) };
    }
    case 'hold lifted': {
      const [person, by, at] = listOf(said, 3);
      return { type, person: text(person), by: text(by), at: plain(at) };
    }
    case undefined:
    default:
      throw damaged();
  }
}

function packReview({ decision, involved, ...review }: Review): unknown {
  const who = involved.map(({ agency, officer }) => [agency, officer]);
  return { ...review, ...(decision !== undefined && { decision }), involved: who };
}

/** The oldest say neither by which decision it left nor who had to do with it. */
function reviewFrom(said: Readonly<Record<string, unknown>>): Review {
  const { id, agency, person, duty, due, decision, involved = [] } = said;
  return {
    id: text(id),
    agency: text(agency),
    person: text(person),
    duty: text(duty),
    due: moment(due),
    ...(decision !== undefined && { decision: text(decision) }),
    involved: listOf(involved).map((each) => {
      const [of, officer] = listOf(each, 2);
      return { agency: text(of), officer: text(officer) };
    }),
  };
}

function recipientKeyFrom(x: string): RecipientKey {
  try {
    return readRecipientKey({ kty: 'OKP', crv: 'X25519', x });
  } catch {
    throw damaged();
  }
}

function glassFrom(said: unknown): BrokenGlass {
  const [decision, discloser, person, asker, purpose, fields, reason, at] = listOf(said, 8);
  const [agency, unit, officer] = listOf(asker, 3);
  return {
    decision: text(decision),
    discloser: text(discloser),
    person: text(person),
    asker: { agency: text(agency), ...(unit !== null && { unit: text(unit) }), officer: text(officer) },
    purpose: text(purpose),
    fields: listOf(fields).map((field) => text(field)),
    reason: text(reason),
    at: moment(at),
  };
}

function packOrder({ by, reason, at }: Order): unknown {
  return [by.agency, by.officer, reason, at];
}

function orderFrom(packed: unknown): Order {
  const [agency, officer, reason, at] = listOf(packed, 4);
  return { by: { agency: text(agency), officer: text(officer) }, reason: text(reason), at: moment(at) };
}

function moment(value: unknown): Instant {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw damaged();
  return value as Instant;
}

function pairOfOrigin(pair: unknown): [never, readonly never[]] {
  const [field, regimes] = listOf(pair, 2);
  return [text(field), listOf(regimes).map((regime) => text(regime))];
}

function listOf(value: unknown, length?: number): readonly unknown[] {
  if (!Array.isArray(value) || (length !== undefined && value.length !== length)) throw damaged();
  return value;
}

/** Bodies open only under a key that gateways alone hold, so a word in them was branded when it was sealed. */
function text(value: unknown): never {
  if (typeof value !== 'string') throw damaged();
  return value as never;
}

function plain(value: unknown): never {
  if (value === null || (typeof value !== 'object' && typeof value !== 'number')) throw damaged();
  return value as never;
}

function bytes(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw damaged();
  return value;
}

function withoutUndefined(value: object): unknown {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== undefined)
      .map(([key, each]) => [key, isObject(each) ? withoutUndefined(each) : each]),
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function damaged(): DisclosureError {
  return new DisclosureError('LEDGER_DAMAGED', 'a ledger entry does not read as a change');
}
