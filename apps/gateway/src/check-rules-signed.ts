import type { Bundle } from '#policy';
import type { SignedRules } from './config.js';
import { GatewayError } from './error.js';

const NAMED = 3;

/** How many rules nobody who knows the law has confirmed. Throws where there are any and no officer answers for them. */
export function checkRulesSigned({ rules }: Bundle, signed: SignedRules | undefined): number {
  const unchecked = rules.filter(({ checked }) => checked.kind === 'nobody yet');
  if (unchecked.length === 0 || signed !== undefined) return unchecked.length;
  const named = unchecked.slice(0, NAMED).map(({ id, place }) => `${id} (${place.path}:${place.line})`);
  const others = unchecked.length > NAMED ? ` and ${unchecked.length - NAMED} more` : '';
  const [counted, them] = unchecked.length === 1 ? ['1 rule has', 'it'] : [`${unchecked.length} rules have`, 'them'];
  throw new GatewayError(
    'RULES_UNCHECKED',
    `${counted} been checked by nobody yet, ${named.join(', ')}${others}: have ${them} checked, or let an officer sign for ${them} in the configuration (uncheckedRules: {signedBy, on}).`,
  );
}
