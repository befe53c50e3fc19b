import { type Instant, instantOf, isDate } from '#terms';
import type { PermitEnd, RefusalEnd } from './consent.js';
import { ConsentError } from './error.js';

/** The ends a screen offers besides `once`. There is no default. */
export const OFFERED_DAYS = [7, 30, 90] as const;

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;

/** An end one of the offered numbers of days from now. */
export function endAfterDays(days: (typeof OFFERED_DAYS)[number], from: Instant): PermitEnd {
  return { kind: 'at', instant: instantOf(from + days * DAY) };
}

/**
 * The first instant at which it is over; undefined for a refusal that stands until she lifts it.
 *
 * @example endsAt({ kind: 'date', date: '2026-12-31', timeZone: 'America/New_York' }, signed) // 2027-01-01T05:00Z
 */
export function endsAt(end: PermitEnd | RefusalEnd, recordedAt: Instant): Instant | undefined {
  switch (end.kind) {
    case 'once':
      return twelveMonthsAfter(recordedAt);
    case 'at':
      return end.instant;
    case 'date':
      return dayIsOver(end.date, end.timeZone);
    case 'until_lifted':
      return undefined;
  }
}

/** Refuses an end that is past, or a permit's that lies more than 12 months after she signed. */
export function checkEnd(kind: 'permit' | 'refuse', end: PermitEnd | RefusalEnd, recordedAt: Instant): void {
  const over = endsAt(end, recordedAt);
  if (over === undefined) return;
  if (over <= recordedAt) throw new ConsentError('CONSENT_END_INVALID', 'it would end before it began');
  if (kind === 'refuse') return;
  const latest =
    end.kind === 'date'
      ? dayIsOver(twelveMonthsAfterDay(localDay(recordedAt, end.timeZone)), end.timeZone)
      : twelveMonthsAfter(recordedAt);
  if (over > latest) throw new ConsentError('CONSENT_END_INVALID', 'a release lasts at most 12 months');
}

/** Whether a `date` end names a day and a time zone that exist. */
export function checkEndWords(end: PermitEnd | RefusalEnd): void {
  if (end.kind !== 'date') return;
  if (!isDate(end.date)) throw new ConsentError('CONSENT_END_INVALID', 'the end is not a date');
  dayOf(end.timeZone);
}

function twelveMonthsAfter(instant: Instant): Instant {
  const day = new Date(instant).toISOString().slice(0, 10);
  return instantOf(Date.parse(twelveMonthsAfterDay(day)) + (instant - Date.parse(day)));
}

/** The same day next year; the day before it where there is none. */
function twelveMonthsAfterDay(day: string): string {
  const next = `${String(Number(day.slice(0, 4)) + 1).padStart(4, '0')}${day.slice(4)}`;
  return isDate(next) ? next : `${next.slice(0, 8)}28`;
}

const daysOver = new Map<string, Instant>();
const DAYS_KEPT = 1_000;

/**
 * The first instant at which clocks there show a later day. Searched for rather than computed from an offset: days are
 * 23 or 25 hours long where clocks change, some have no midnight, and one was left out altogether.
 */
function dayIsOver(day: string, timeZone: string): Instant {
  const key = `${day} ${timeZone}`;
  const known = daysOver.get(key);
  if (known !== undefined) return known;
  const midnight = Date.parse(day) + DAY;
  let still = midnight - 15 * HOUR;
  let over = midnight + 15 * HOUR;
  while (over - still > 1) {
    const middle = Math.floor((still + over) / 2);
    if (localDay(instantOf(middle), timeZone) > day) over = middle;
    else still = middle;
  }
  if (daysOver.size >= DAYS_KEPT) daysOver.clear();
  daysOver.set(key, instantOf(over));
  return instantOf(over);
}

/** The date that clocks show there, as `2026-12-31`. */
function localDay(at: Instant, timeZone: string): string {
  const parts = new Map(
    dayOf(timeZone)
      .formatToParts(at)
      .map((part) => [part.type, part.value]),
  );
  return `${parts.get('year')?.padStart(4, '0')}-${parts.get('month')}-${parts.get('day')}`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function dayOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = formatFor(timeZone);
  formats.set(timeZone, format);
  return format;
}

function formatFor(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
  } catch {
    throw new ConsentError('CONSENT_END_INVALID', 'the time zone is not known');
  }
}
