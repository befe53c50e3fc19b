import { readFileSync } from 'node:fs';
import { type Instant, levelNamed } from '#terms';
import { confirm, coverage, draft, endAfterDays, record } from '#consent';
import {
  advocate,
  atTheHospital,
  atTheShelter,
  birthDate,
  consentId,
  hospital,
  noon,
  planning as safetyPlanning,
  recordsOffice,
  shelter,
  signing,
  words as vocabulary,
} from './mara.fixture.js';

const plain = (text: string): string =>
  text.replaceAll(/\/\/.*|const covered = /g, '').replaceAll(/\s+|,(?=\s*[)}])/g, '');

/** The README's example, with its names bound; the text between its fences is compared with what runs here. */
describe('the example in the README', () => {
  it('compiles and says what the README says', () => {
    const id = consentId('release');
    const now: Instant = noon;
    const { recordedBy: _by, recordedAt: _at, ...signature } = signing();
    const field = vocabulary.fields.get(birthDate)!;
    // README
    const prepared = draft(
      {
        id,
        person: atTheShelter,
        directive: {
          kind: 'permit',
          lifts: [],
          scope: {
            disclosers: [hospital],
            recipients: [shelter],
            fields: new Map([[birthDate, levelNamed(field, 'year')]]),
            purposes: [safetyPlanning],
            end: endAfterDays(90, now),
            unresolved: [],
          },
        },
        preparedBy: advocate,
        preparedAt: now,
      },
      vocabulary,
    );
    const pending = record(prepared, { ...signature, recordedBy: advocate, recordedAt: now });
    const release = confirm(pending, { kind: 'discloser', by: recordsOffice, at: now });
    const covered = coverage([release], {
      discloser: hospital,
      recipient: shelter,
      purpose: safetyPlanning,
      at: now,
      fields: [birthDate],
      permitsOf: new Set([atTheShelter, atTheHospital]),
    }).fields.get(birthDate);
    // end
    expect(covered).toMatchObject({ state: 'agreed', level: 2, resting: [id] });
  });

  it('is the code that ran', () => {
    const here = readFileSync(new URL('./readme.spec.ts', import.meta.url), 'utf8');
    const ran = here.slice(here.indexOf('// README'), here.indexOf('// end'));
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const printed = readme.slice(readme.indexOf('const prepared'), readme.indexOf('```\n\nWhich'));
    expect(plain(ran)).toBe(plain(printed));
  });
});
