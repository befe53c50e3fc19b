import { readFileSync } from 'node:fs';
import type { LinkId, OfficerId } from '#terms';
import { type CodeId, confirmCode, issueCode, redeemCode, resolveFacts } from '#matching';
import {
  asking,
  brother,
  DAY,
  detectives,
  handle,
  hospital,
  inspector,
  later,
  noon as at,
  police,
  said,
  tied as perpetratorAtRequester,
  words as vocabulary,
} from './mara.fixture.js';

const plain = (text: string): string => text.replaceAll(/\/\/.*|const tie = /g, '').replaceAll(/\s+|,(?=\s*[)}])/g, '');

describe('the example in the README', () => {
  it('compiles and says what the README says', () => {
    const [atHospital, atPolice] = [handle('mrn', hospital), handle('p', police)];
    const [id, link, officer] = ['code' as CodeId, 'link' as LinkId, 'records-2' as OfficerId];
    const [secretHash, legalBasis, expiresAt] = ['ab'.repeat(32), 'mandatory injury report', later(DAY)];
    const assertions = [said(perpetratorAtRequester, 'yes', { towards: { agency: police, unit: detectives } })];
    const asker = asking({ unit: detectives, officer: brother });
    // README
    const issued = issueCode({
      id,
      secretHash,
      issuer: atHospital,
      officer,
      recipient: police,
      legalBasis,
      at,
      expiresAt,
    });
    const redeemed = redeemCode(issued, { secretHash, by: atPolice, officer: inspector, at, failures: [] });
    const half = confirmCode(redeemed, { agency: police, at, link }, []);
    const linked = confirmCode(half, { agency: hospital, at, link }, []); // state: 'confirmed', with the link

    const facts = resolveFacts({ assertions, asker, declared: new Map(), at, vocabulary });
    const tie = facts.get(perpetratorAtRequester);
    // end
    expect(linked.state).toBe('confirmed');
    expect(tie).toEqual({ value: 'yes', by: ['harbour-house'] });
  });

  it('is the code that ran', () => {
    const here = readFileSync(new URL('./readme.spec.ts', import.meta.url), 'utf8');
    const ran = here.slice(here.indexOf('// README'), here.indexOf('// end'));
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const printed = readme.slice(readme.indexOf('const issued'), readme.indexOf('```\n\n`assertions`'));
    expect(plain(ran)).toBe(plain(printed));
  });
});
