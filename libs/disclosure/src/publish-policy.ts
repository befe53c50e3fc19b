import type { Instant } from '#terms';
import type { Agency } from './agency.js';
import { type Committed, commitChange } from './commit-change.js';
import type { Gate } from './gate.js';

/**
 * Writes into the ledger which policies this log decides under from now on. Every decision names the digest it was taken
 * under; this entry says when that digest began to hold. Publishing what already holds writes nothing.
 */
export async function publishPolicy(gate: Gate, operator: Agency, at: Instant): Promise<Committed<void> | undefined> {
  const { digest, vocabulary } = gate.policy;
  if (gate.known.policyDigest === digest) return undefined;
  return commitChange(gate, operator, {
    at,
    narrowing: true,
    plan: () => ({
      type: 'policy published',
      changes: [{ type: 'policy published', digest, vocabulary: vocabulary.digest, at }],
      reads: [],
      result: undefined,
    }),
  });
}
