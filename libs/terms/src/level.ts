import { TermsError } from './error.js';
import type { Field, Level } from './vocabulary.js';

/**
 * The level a scale calls by this name.
 *
 * @example levelNamed(birthDate, 'year') // 2, of [nothing, age_band, year, full]
 */
export function levelNamed(field: Field, name: string): Level {
  const level = field.scale.indexOf(name);
  if (level < 0)
    throw new TermsError(
      'LEVEL_UNKNOWN',
      `${field.name} has no level of that name; its levels are ${field.scale.join(', ')}`,
    );
  return level as Level;
}

/** What a field's scale calls this level. */
export function levelName(field: Field, level: Level): string {
  const name = field.scale[level];
  if (name === undefined) throw new TermsError('LEVEL_UNKNOWN', `${field.name} has ${field.scale.length} levels`);
  return name;
}

/** All there is of a field. */
export function FULL(field: Field): Level {
  return (field.scale.length - 1) as Level;
}

/** The one that tells less. */
export function lowerOf(a: Level, b: Level): Level {
  return a < b ? a : b;
}

/** The one that tells more. */
export function higherOf(a: Level, b: Level): Level {
  return a > b ? a : b;
}
