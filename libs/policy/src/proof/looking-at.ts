import { inWords } from '#terms';
import type { Place } from '../bundle.js';
import { PolicyError } from '../error.js';

/** Where a bound is passed, says at which rule or promise that was, so that somebody can split it. */
export function lookingAt<Made>(of: Looked, look: () => Made): Made {
  try {
    return look();
  } catch (error) {
    if (!(error instanceof PolicyError && error.code === 'POLICY_TOO_INTRICATE') || error.problems.length > 0)
      throw error;
    const problem = { ...of.place, message: `${calledOf(of)}: ${error.message}` };
    throw new PolicyError('POLICY_TOO_INTRICATE', inWords(problem), [problem]);
  }
}

interface Looked {
  readonly name: string;
  readonly place: Place;
  readonly id?: string;
}

function calledOf({ id, name }: Looked): string {
  return id === undefined ? `the promise “${name}”` : `the rule ${id}`;
}
