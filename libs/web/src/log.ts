import type { Serial } from '#certificates';
import type { AgencyId, DecisionId, EntryId, OfficerId } from '#terms';

/**
 * What may be written to a log: events we have named, ids, codes and numbers. There is no field for a text, so nothing
 * about a person can be put there by haste, and no pattern has to take it out again.
 */
export type Line =
  | ({ readonly event: 'listening'; readonly port: number; readonly policies: string } & Unchecked)
  | { readonly event: 'closing' }
  | { readonly event: 'published'; readonly size: number; readonly cosignatures: number }
  | { readonly event: 'not published'; readonly fault: Fault }
  | { readonly event: 'not cosigned'; readonly witness: number; readonly reason: Uncosigned; readonly size?: number }
  | { readonly event: 'unwitnessed'; readonly seconds: number; readonly disclosures: 'go on' | 'are refused' }
  | ({ readonly event: 'refused'; readonly status: number; readonly code: string } & About)
  | ({ readonly event: 'failed'; readonly status: number; readonly fault: Fault } & About);

/** Why a witness, counted as the configuration has them, did not cosign. One that knows a larger log was shown one. */
export type Uncosigned =
  'no answer' | 'refused' | 'garbage' | 'knows a larger log' | 'does not follow from what it knows';

/** How many rules decide that no lawyer has confirmed, and which officer answers for them since when. */
export interface Unchecked {
  readonly uncheckedRules: number;
  readonly signedBy?: OfficerId;
  readonly on?: string;
}

export interface About {
  readonly request?: number;
  readonly agency?: AgencyId;
  readonly serial?: Serial;
  readonly decision?: DecisionId;
  readonly entry?: EntryId;
}

export type Log = (line: Line) => void;

declare const stripped: unique symbol;
/** An error without its message: its class, its code, and the places in our code that it came through. */
export interface Fault {
  readonly [stripped]: true;
  readonly name: string;
  readonly code: string | undefined;
  readonly at: readonly string[];
  readonly cause: Fault | undefined;
}

const PLACE = /^ {4}at .*?\(?((?:file:\/\/\/|\/|node:|[A-Z]:\\)[\w@./\\+-]+:\d+:\d+)\)?$/;
const MOST_PLACES = 12;

/** Takes from an error what may be logged. Messages quote rows, bodies and addresses, so none is taken. */
export function faultOf(error: unknown): Fault {
  if (!(error instanceof Error)) return fault('NotAnError', undefined, [], undefined);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  // The message stands before the places and may itself hold lines that look like places.
  const lines = (error.stack ?? '').replace(error.message, '').split('\n');
  return fault(
    /^[A-Za-z]{1,60}$/.test(error.name) ? error.name : 'Error',
    code !== undefined && /^[A-Z0-9_]{1,60}$/.test(code) ? code : undefined,
    lines.flatMap((line) => PLACE.exec(line)?.[1] ?? []).slice(0, MOST_PLACES),
    error.cause === undefined ? undefined : faultOf(error.cause),
  );
}

function fault(name: string, code: string | undefined, at: readonly string[], cause: Fault | undefined): Fault {
  return { name, code, at, cause } as unknown as Fault;
}

/**
 * A log that writes one JSON object a line.
 *
 * @example const log = createLog((line) => process.stderr.write(line), () => instantOf(Date.now()));
 */
export function createLog(write: (line: string) => void, now: () => number): Log {
  return (line) => write(`${JSON.stringify({ at: new Date(now()).toISOString(), ...line })}\n`);
}
