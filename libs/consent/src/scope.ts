import { type FieldName, NOTHING, type Vocabulary } from '#terms';
import type { Directive, Unresolved } from './consent.js';
import { checkEndWords } from './end.js';
import { ConsentError } from './error.js';

/**
 * Refuses a scope that says nothing or says something twice. What must hold wherever it came from, a screen or a row;
 * whether its words are the vocabulary's is `checkWords`.
 */
export function checkShape(directive: Directive): void {
  const { scope } = directive;
  checkPlace('discloser', scope.disclosers, scope.unresolved);
  checkPlace('recipient', scope.recipients, scope.unresolved);
  checkPlace('purpose', scope.purposes, scope.unresolved);
  checkPlace('field', fieldsOf(directive), scope.unresolved);
  checkEndWords(scope.end);
  if (directive.kind === 'refuse') return;
  if (new Set(directive.lifts).size !== directive.lifts.length)
    throw new ConsentError('CONSENT_SCOPE_INVALID', 'it names the same refusal twice');
  for (const level of directive.scope.fields.values()) {
    if (!Number.isSafeInteger(level) || level <= NOTHING)
      throw new ConsentError('CONSENT_SCOPE_INVALID', 'a release agrees to more than nothing of each field it names');
  }
  const [only] = scope.disclosers;
  if (scope.disclosers.length === 1 && scope.recipients.length === 1 && only === scope.recipients[0])
    throw new ConsentError('CONSENT_SCOPE_INVALID', 'an agency needs no release to itself');
}

/** Refuses a field, a level or a purpose that the vocabulary does not know. */
export function checkWords(directive: Directive, vocabulary: Vocabulary): void {
  const { scope } = directive;
  for (const purpose of scope.purposes === 'any' ? [] : scope.purposes)
    if (!vocabulary.purposes.has(purpose)) throw new ConsentError('CONSENT_UNKNOWN_WORD', 'a purpose is not known');
  const fields = fieldsOf(directive);
  for (const name of fields === 'any' ? [] : fields) {
    const field = vocabulary.fields.get(name);
    if (field === undefined) throw new ConsentError('CONSENT_UNKNOWN_WORD', 'a field is not known');
    if (directive.kind === 'permit' && (directive.scope.fields.get(name) ?? NOTHING) >= field.scale.length)
      throw new ConsentError('CONSENT_UNKNOWN_WORD', `${name} has no such level`);
  }
}

function fieldsOf(directive: Directive): readonly FieldName[] | 'any' {
  return directive.kind === 'permit' ? [...directive.scope.fields.keys()] : directive.scope.fields;
}

function checkPlace(
  what: Unresolved['what'],
  named: readonly string[] | 'any',
  unresolved: readonly Unresolved[],
): void {
  if (named === 'any') return;
  if (named.length === 0 && !unresolved.some((word) => word.what === what))
    throw new ConsentError('CONSENT_SCOPE_INVALID', `it names no ${what}`);
  if (new Set(named).size !== named.length)
    throw new ConsentError('CONSENT_SCOPE_INVALID', `it names the same ${what} twice`);
}
