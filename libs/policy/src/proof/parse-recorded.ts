import { type FactName, type FactValue, type FieldName, type Level, NOTHING, Outside } from '#terms';
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
    ['travelled', 'consent'],
  );
  const levelOf = (field: FieldName, name: string): Level | undefined => {
    const level = vocabulary.fields.get(field)?.scale.indexOf(name) ?? -1;
    return level < 0 ? undefined : (level as Level);
  };
  const consent = new Map<FieldName, ConsentOfField | 'not known'>();
  for (const [field, said] of entriesOf(json, 'consent', record)) {
    const { state } = said.closed(['state'], ['level']).optional('state', (value) => value.word(CONSENT_STATES));
    const { level: name } = said.optional('level', (value) => value.name());
    const level = state === 'agreed' ? levelOf(field as FieldName, name ?? 'full') : NOTHING;
    consent.set(field as FieldName, state === undefined || level === undefined ? 'not known' : { state, level });
  }
  const facts = new Map<FactName, FactValue>(
    entriesOf(json, 'facts', record).map(([fact, value]) => [
      fact as FactName,
      value.isList() ? value.list((word) => word.name()) : value.name(),
    ]),
  );
  const situation: Omit<Situation, 'consent'> = {
    origins: new Set(record.get('origins').list((name) => name.name() as RegimeName)),
    purpose: record.get('purpose').name() as Purpose,
    facts,
    travelled: new Map(
      entriesOf(json, 'travelled', record).map(([field, regimes]) => [
        field as FieldName,
        new Set(regimes.list((name) => name.name() as RegimeName)),
      ]),
    ),
  };
  const left = new Map(
    entriesOf(json, 'left', record).map(([field, level]) => [field as FieldName, level.name()] as const),
  );
  return { decision: record.get('decision').name(), situation, consent, left };
}

function entriesOf(json: unknown, key: string, record: Outside): readonly (readonly [string, Outside])[] {
  const object: unknown = (json as Readonly<Record<string, unknown>>)[key];
  if (object === undefined) return [];
  const names = typeof object === 'object' && object !== null && !Array.isArray(object) ? Object.keys(object) : [];
  const inside = record.get(key).closed([], names);
  return names.map((name) => [name, inside.get(name)] as const);
}
