import {
  type FactName,
  type FactValue,
  type FieldName,
  type Instant,
  instantOf,
  type Level,
  NOTHING,
  Outside,
} from '#terms';
import type { Purpose, RegimeName } from '#terms';
import type { Bundle } from '../bundle.js';
import { PolicyError } from '../error.js';
import { CONSENT_STATES, type ConsentOfField, type Situation } from '../situation.js';
import type { Recorded } from './replay.js';

/**
 * One recorded decision from outside. Words that the policies do not have are kept as they are: what they mean for the
 * decision is not known. `facts` names every fact that was resolved then, whatever nobody had said included.
 *
 * @example
 * parseRecorded({ decision: 'a1', purpose: 'emergency', origins: ['us-health'], facts: { sector: 'police', risk: 'unknown' },
 *   consent: { 'contact.safe_phone': { state: 'agreed', level: 'full' } }, left: { 'contact.safe_phone': 'full' } }, bundle)
 */
export function parseRecorded(json: unknown, { vocabulary }: Bundle): Recorded {
  const record = Outside.of(json, (problem) => new PolicyError('RECORD_INVALID', problem)).closed(
    ['decision', 'purpose', 'origins', 'facts', 'left'],
    ['travelled', 'consent', 'at', 'asking'],
  );
  const levelOf = (field: FieldName, name: string): Level | undefined => {
    const level = vocabulary.fields.get(field)?.scale.indexOf(name) ?? -1;
    return level < 0 ? undefined : (level as Level);
  };
  const consent = consentIn(json, record, levelOf);
  const purpose = record.get('purpose').name() as Purpose;
  const left = new Map(
    entriesOf(json, 'left', record).map(([field, level]) => [field as FieldName, level.name()] as const),
  );
  return {
    decision: record.get('decision').name(),
    situation: situationIn(json, record, purpose),
    consent,
    left,
    ...record.optional('at', instantIn),
    ...askingIn(json, record, purpose, levelOf),
  };
}

/** @example instantIn(Outside.of('2026-11-22T12:00:00.000Z', …)) // 1795348800000 */
function instantIn(value: Outside): Instant {
  const milliseconds = Date.parse(value.name());
  return Number.isNaN(milliseconds) ? value.fail('is not an instant') : instantOf(milliseconds);
}

type LevelOf = (field: FieldName, name: string) => Level | undefined;

/** It says which regimes bind whoever asked, and, where one had a word in it, all that was resolved of it. */
function askingIn(json: unknown, record: Outside, purpose: Purpose, levelOf: LevelOf): Pick<Recorded, 'asking'> {
  const inside: unknown = (json as Readonly<Record<string, unknown>>)['asking'];
  if (inside === undefined) return {};
  if (inside === 'not known') return { asking: 'not known' };
  const asking = record.get('asking').closed(['origins'], ['travelled', 'facts', 'consent']);
  const consent = consentIn(inside, asking, levelOf);
  const isSaid = (inside as Readonly<Record<string, unknown>>)['facts'] !== undefined;
  return {
    asking: {
      situation: situationIn(inside, asking, purpose),
      consent: isSaid ? (consent.get(ENROLMENT) ?? { state: 'not_asked', level: NOTHING }) : 'not known',
    },
  };
}

const ENROLMENT = 'service.enrolment' as FieldName;

function situationIn(json: unknown, record: Outside, purpose: Purpose): Omit<Situation, 'consent'> {
  return {
    origins: new Set(record.get('origins').list((name) => name.name() as RegimeName)),
    purpose,
    facts: new Map<FactName, FactValue>(
      entriesOf(json, 'facts', record).map(([fact, value]) => [
        fact as FactName,
        value.isList() ? value.list((word) => word.name()) : value.name(),
      ]),
    ),
    travelled: new Map(
      entriesOf(json, 'travelled', record).map(([field, regimes]) => [
        field as FieldName,
        new Set(regimes.list((name) => name.name() as RegimeName)),
      ]),
    ),
  };
}

function consentIn(json: unknown, record: Outside, levelOf: LevelOf): Map<FieldName, ConsentOfField | 'not known'> {
  const consent = new Map<FieldName, ConsentOfField | 'not known'>();
  for (const [field, said] of entriesOf(json, 'consent', record)) {
    const { state } = said.closed(['state'], ['level']).optional('state', (value) => value.word(CONSENT_STATES));
    const { level: name } = said.optional('level', (value) => value.name());
    const level = state === 'agreed' ? levelOf(field as FieldName, name ?? 'full') : NOTHING;
    consent.set(field as FieldName, state === undefined || level === undefined ? 'not known' : { state, level });
  }
  return consent;
}

function entriesOf(json: unknown, key: string, record: Outside): readonly (readonly [string, Outside])[] {
  const object: unknown = (json as Readonly<Record<string, unknown>>)[key];
  if (object === undefined) return [];
  const names = typeof object === 'object' && object !== null && !Array.isArray(object) ? Object.keys(object) : [];
  const inside = record.get(key).closed([], names);
  return names.map((name) => [name, inside.get(name)] as const);
}
