import path from 'node:path';
import { parseBundle } from '#policy';
import { type OfficerId, parseVocabulary } from '#terms';
import { checkRulesSigned } from './check-rules-signed.js';
import { type Policies, readPolicies } from './read-policies.js';

const FOLDER = path.resolve(import.meta.dirname, '..', '..', '..', 'policies');
const CHECKED = 'by: A. Lawyer, on: 2026-03-01';

describe('rules that nobody has checked', () => {
  const signed = { signedBy: 'o-1' as OfficerId, on: '2026-01-01' };
  let shipped: Policies;

  beforeAll(async () => {
    shipped = await readPolicies(FOLDER);
  });

  /** The shipped policies as if a lawyer had been through all their files but this one. */
  const checkedBut = (unchecked: string) =>
    parseBundle(
      shipped.files.map(({ path: name, text }) => ({
        path: name,
        text: name === unchecked ? text : text.replaceAll('by: nobody yet', CHECKED),
      })),
      parseVocabulary(shipped.vocabulary, 'vocabulary.yaml'),
    );

  it('are counted and named where nobody signs for them', () => {
    const count = shipped.bundle.rules.filter(({ checked }) => checked.kind === 'nobody yet').length;
    expect(count).toBeGreaterThan(3);
    expect(() => checkRulesSigned(shipped.bundle, undefined)).toThrow(
      expect.objectContaining({
        code: 'RULES_UNCHECKED',
        message: expect.stringMatching(
          new RegExp(
            `^${count} rules have been checked by nobody yet, (\\S+/\\S+ \\(\\S+\\.yaml:\\d+\\),? ){3}and ${count - 3} more: `,
          ),
        ) as string,
      }),
    );
    expect(checkRulesSigned(shipped.bundle, signed)).toBe(count);
  });

  it('are few words where they are few', () => {
    const bundle = checkedBut('core/corrections.yaml');
    expect(() => checkRulesSigned(bundle, undefined)).toThrow(/^\d rules? ha(s|ve) been checked by nobody yet, core\//);
    expect(() => checkRulesSigned(bundle, undefined)).not.toThrow(/ more|treatment/);
  });

  it('are none where a lawyer has been through all of them, and then nobody need sign', () => {
    expect(checkRulesSigned(checkedBut(''), undefined)).toBe(0);
  });
});
