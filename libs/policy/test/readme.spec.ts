import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FieldName } from '#terms';
import { check, decide, explain, parseBundle, parseSituation, prove, testCases } from '#policy';
import { vocabulary } from './small-policies.js';

describe('the example in the README', () => {
  const readme = readFileSync(join(process.cwd(), 'libs/policy/README.md'), 'utf8');
  const files = [...readme.matchAll(/```yaml\n# (\S+)\n(.*?)```/gs)].map(([, path = '', text = '']) => ({
    path,
    text,
  }));
  const name = 'person.legal_name' as FieldName;

  it('is a bundle whose case holds', () => {
    const bundle = parseBundle(files, vocabulary);
    expect(testCases(bundle)).toMatchObject([{ passed: true }]);
    expect(check(bundle).map(({ code, rule }) => `${code} ${rule}`)).toEqual([
      'NO_CASE core/tied-unit',
      'UNCONFIRMED core/tied-unit',
      'UNCONFIRMED us-shelters/minor',
      'UNCONFIRMED us-shelters/written-release',
    ]);
  });

  it('answers as the README says', () => {
    const bundle = parseBundle(files, vocabulary);
    const situation = parseSituation('{origins: us-shelters, purpose: housing_placement, age: 35}', bundle);
    const level = decide(bundle, situation, [name]).fields.get(name)?.level;
    const miss = explain(bundle, situation, [name]).fields.get(name)?.nearMisses[0]?.words;
    expect(readme).toContain(`level; // ${level}: nothing`);
    expect(readme).toContain(`words; // '${miss}'`);
    expect(readme).toContain(
      `holds); // [${prove(bundle)
        .map(({ holds }) => holds)
        .join(', ')}]:`,
    );
  });
});
