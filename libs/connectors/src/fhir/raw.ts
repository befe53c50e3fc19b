import type { FhirField } from '../mapping.js';
import type { Raw } from '../source.js';
import { isObject, type Resource } from './bundle.js';

/** Where in her resources each field stands. */
export function rawOf(asked: readonly FhirField[], resources: readonly Resource[]): Raw<FhirField> {
  const living = resources.filter(isMeant);
  return new Map(asked.map((field) => [field, rawOfField(field, living)]));
}

function rawOfField(
  { path, onlyWhere, value, ofCodes, codes }: FhirField,
  resources: readonly Resource[],
): readonly unknown[] {
  const counting = resources.filter(
    (each) =>
      each.resourceType === path.resource &&
      (ofCodes === undefined || codesOf(each['code']).some((code) => ofCodes.has(code))),
  );
  if (counting.length === 0) return [];
  let found = path.evaluate(counting);
  if (onlyWhere !== undefined)
    found = found.filter((each) => {
      const [is, ...more] = onlyWhere.evaluate([each]);
      return is === true && more.length === 0;
    });
  if (value !== undefined) found = found.flatMap((each) => value.evaluate([each]));
  // With a list of codes only what stands in it counts: what a hospital typed beside the code never does.
  if (codes !== undefined) return found.map((each) => codesOf(each).find((code) => codes.has(code)) ?? NOT_LISTED);
  return found.map(nameInWords);
}

/** A word that is in nobody's list, so that what is unlisted is told from what is not there. */
const NOT_LISTED = '|';

/** Each coding of a CodeableConcept or Coding as `system|code`. */
function codesOf(concept: unknown): readonly string[] {
  if (!isObject(concept)) return [];
  const codings = Array.isArray(concept['coding']) ? concept['coding'] : [concept];
  return codings.flatMap((coding: unknown) => {
    if (!isObject(coding)) return [];
    const { system, code } = coding;
    return typeof system === 'string' && typeof code === 'string' ? [`${system}|${code}`] : [];
  });
}

function nameInWords(value: unknown): unknown {
  if (!isObject(value) || !('family' in value || 'given' in value)) return value;
  const words = [value['given'], value['family']].flat().filter((word) => typeof word === 'string');
  return words.join(' ');
}

/** Whether a resource says something at all: what was entered in error, or refuted, does not. */
function isMeant(resource: Resource): boolean {
  if (resource['status'] === 'entered-in-error') return false;
  const { verificationStatus } = resource;
  const codings: unknown = isObject(verificationStatus) ? verificationStatus['coding'] : undefined;
  return !(
    Array.isArray(codings) &&
    codings.some(
      (coding: unknown) => isObject(coding) && (coding['code'] === 'entered-in-error' || coding['code'] === 'refuted'),
    )
  );
}
