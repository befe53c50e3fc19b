import type { FieldName, RegimeName } from '#terms';
import type { Bundle } from './bundle.js';
import { Hearing } from './hearing.js';
import type { Situation } from './situation.js';

/** The regimes without whose leave the field stays, core apart. None: it stays. */
export function governing(bundle: Bundle, situation: Situation, field: FieldName): readonly RegimeName[] {
  return new Hearing(bundle, situation).governing(field);
}
