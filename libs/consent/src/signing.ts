import type { Capacity, Signer, Signing } from './consent.js';
import { ConsentError } from './error.js';

/**
 * What a release needs to be one: written, informed, voluntary, witnessed, and signed by whoever may sign
 * (34 USC 12291(b)(2); 28 CFR 94.115).
 */
export function checkGranting(signing: Signing): void {
  if (signing.form === 'spoken')
    throw new ConsentError(
      'CONSENT_FORM_MISSING',
      'a release is written; only a withdrawal or a refusal may be spoken',
    );
  if (signing.informed === undefined)
    throw new ConsentError('CONSENT_NOT_INFORMED', 'a release says who explained it to her, and in which words');
  if (!signing.informed.notAConditionOfService)
    throw new ConsentError('CONSENT_NOT_INFORMED', 'no service may hang on a release');
  if (signing.witnesses.length === 0) throw new ConsentError('CONSENT_WITNESS_MISSING', 'a release has a witness');
  checkSigners(signing.capacity, signing.signers);
}

/**
 * What a refusal needs: somebody who said it, and who is not known to have abused her. Nothing more, for a refusal only
 * narrows; but an abuser who could refuse for her or her child could cut them off from help.
 */
export function checkRefusing(signing: Signing): void {
  if (signing.signers.length === 0) throw new ConsentError('CONSENT_SIGNER_MAY_NOT_SIGN', 'a refusal says who gave it');
  if (signing.signers.some((signer) => signer.kind !== 'herself' && signer.abusive === 'yes')) throw abuser();
}

function checkSigners(capacity: Capacity, signers: readonly Signer[]): void {
  const herself = signers.filter((signer) => signer.kind === 'herself').length;
  const others = signers.flatMap((signer) => (signer.kind === 'herself' ? [] : [signer]));
  // One signature of an abuser spoils the release, whoever signed beside him: it was not freely given in front of him.
  // `unknown` does not sign either; otherwise nobody would ask.
  if (others.some((signer) => signer.abusive !== 'no')) throw abuser();
  switch (capacity.kind) {
    case 'adult':
      if (herself !== 1 || others.length > 0) throw wrong('an adult signs for herself, and nobody with her');
      return;
    case 'minor':
      if (herself !== 1) throw wrong('a minor signs herself');
      if (capacity.mayGetServiceAlone && others.length > 0)
        throw wrong('a minor who may lawfully get this service alone signs alone');
      if (!capacity.mayGetServiceAlone && others.length === 0)
        throw wrong('a parent or guardian who abused nobody signs with this minor');
      return;
    case 'represented':
      if (others.length === 0 || herself > 1) throw wrong('a guardian signs for someone who cannot');
      return;
  }
}

function abuser(): ConsentError {
  return wrong(
    'whoever abused her, the child or its other parent cannot sign, and neither can anyone of whom nobody knows',
  );
}

function wrong(message: string): ConsentError {
  return new ConsentError('CONSENT_SIGNER_MAY_NOT_SIGN', message);
}
