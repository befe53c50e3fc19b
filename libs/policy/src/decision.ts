import { type DutyCode, type FieldName, type Level, NOTHING } from '#terms';
import type { RuleId } from './bundle.js';

export interface Decision {
  readonly fields: ReadonlyMap<FieldName, FieldDecision>;
  /** Of every field that may leave. None names a regime. */
  readonly duties: readonly DutyCode[];
  /** Rules that tell a person at the discloser that they decided. Not for whoever asked. */
  readonly alerts: readonly RuleId[];
}

export interface FieldDecision {
  /** How much of the field may leave. `NOTHING` is an answer like any other. */
  readonly level: Level;
  /** The shares it rests on: in each regime that governs, those that reach the level. */
  readonly granted: readonly RuleId[];
  /** The limits without which the shares would have carried further. */
  readonly cut: readonly RuleId[];
  /** Of the shares it rests on and of every limit that matches. */
  readonly duties: readonly DutyCode[];
  /** Wording for the asker, who reads it only beside something that was released. */
  readonly say: readonly string[];
  /** Whether the glass was broken for it in some regime. */
  readonly lastResort: boolean;
  /** Of the shares it rests on and of every limit that matches: those that tell a person at the discloser. */
  readonly alerts: readonly RuleId[];
}

/** The only way to make one. All are of one shape, which whoever reads many of them reads twice as fast, and none is changed. */
export function fieldDecision(
  level: Level,
  granted: readonly RuleId[],
  cut: readonly RuleId[],
  duties: readonly DutyCode[],
  say: readonly string[],
  lastResort: boolean,
  alerts: readonly RuleId[],
): FieldDecision {
  return Object.freeze({
    level,
    granted: Object.freeze(granted),
    cut: Object.freeze(cut),
    duties: Object.freeze(duties),
    say: Object.freeze(say),
    lastResort,
    alerts: Object.freeze(alerts),
  });
}

/** Nothing leaves, and no rule had a word in it. */
export const NOT_KNOWN: FieldDecision = fieldDecision(NOTHING, [], [], [], [], false, []);

/** Who sent it and under which rule go with a value. Where none goes, they would tell that there was one to withhold. */
export function withoutAnything({ cut, duties, alerts }: FieldDecision): FieldDecision {
  return fieldDecision(NOTHING, [], cut, duties, [], false, alerts);
}
