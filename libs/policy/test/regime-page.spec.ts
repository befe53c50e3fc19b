import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RegimeName } from '#terms';
import { CORE } from '../src/bundle.js';
import { parseBundle } from '../src/parse-bundle.js';
import { withRules } from '../src/regime-page.js';
import { POLICIES, shippedFiles } from './shipped-policies.js';
import { smallBundle, vocabulary } from './small-policies.js';

const shipped = parseBundle(shippedFiles(), vocabulary);

describe("a regime's page for officers", () => {
  it.each([CORE, ...shipped.regimes.keys()])('of %s says its rules as they are (npm run policy-pages)', (regime) => {
    const page = readFileSync(join(POLICIES, regime, 'README.md'), 'utf8');
    expect(page).toBe(withRules(page, shipped, regime));
    const own = [...shipped.rules, ...shipped.promises].filter((one) => one.regime === regime);
    for (const { name } of own) expect(page).toContain(name);
  });

  it('is told of on the first page by names that it has', () => {
    const known = new Set<string>(shipped.rules.map(({ id }) => id));
    const named = readFileSync(join(POLICIES, 'README.md'), 'utf8').matchAll(/`((?:core|us|uk|au)[a-z-]*\/[a-z-]+)`/g);
    const names = [...named].flatMap(([, name]) => name ?? []);
    expect(names.length).toBeGreaterThan(30);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
  });

  const health = 'us-health' as RegimeName;
  const small = smallBundle({
    'us-health/regime.yaml':
      'regime: us-health\ntitle: Health\ngoverns:\n- {origins: enrolled here, fields: everything}\ntreated as:\n- {subject_role: third_party, for purpose: everything else, as: survivor}',
    'us-health/b.yaml': 'rules:\n- {rule: second, share: [person.alias], source: A | B}',
    'us-health/a.yaml':
      'rules:\n- {rule: first, share: [person.language]}\npromises:\n- {promise: No glass is broken, never share: everything, last resort: yes}',
  });

  it('says rules, promises and who is treated as whom, and leaves the rest of the page', () => {
    const page = '# Health\n\n<!-- generated: rules -->\nwhat was true before\n<!-- /generated -->\n\nSee elsewhere.\n';
    const written = withRules(page, small, health);
    expect(written).toBe(`# Health

<!-- generated: rules -->
| rule | what it says | source |
|---|---|---|
| [first](a.yaml) | Share “Language she speaks”. |  |
| [second](b.yaml) | Share “Other names she uses”. | A \\| B |

| promise | what it says |
|---|---|
| No glass is broken | Breaking the glass never shares anything. |

- Treat whoever is third party as survivor, for every other purpose.
<!-- /generated -->

See elsewhere.
`);
    expect(withRules(written ?? '', small, health)).toBe(written);
  });

  it('makes nothing of a page without a place for them', () => {
    expect(withRules('# Health\n', small, health)).toBeUndefined();
  });
});
