/**
 * What a field holds when it is present. Plain JSON, so that what crosses the wire, what is cut and what is sealed are
 * the same thing. A place is an object so that it can be cut to its city or region; anything else is text, a number, a
 * yes/no, an ISO date (`1991-04-30`) as text, or a list of those.
 */
export type Value = string | number | boolean | Place | readonly Value[];

export interface Place {
  readonly lines?: readonly string[];
  readonly city?: string;
  readonly region?: string;
  readonly postalCode?: string;
  readonly country?: string;
}
