import type { Consent } from './consent.js';
import {
  active,
  advocate,
  DAY,
  hospital,
  later,
  noon,
  operator,
  permit,
  police,
  refusal,
  shelter,
} from './mara.fixture.js';
import { namesOperator } from './operator.js';
import { withdraw } from './transitions.js';

const opening = { agency: shelter, operator, at: noon };
const release = active('release', permit({ disclosers: [shelter], recipients: [operator] }));
const { activeFrom: _activeFrom, ...signed } = release;

describe("a release of Postern's operator", () => {
  it('lets the shelter that it names open a handle', () => {
    expect(namesOperator(release, opening)).toBe(true);
  });

  it.each<[string, Consent]>([
    ['names another agency', active('x', permit({ disclosers: [shelter], recipients: [police] }))],
    ['is of another agency', active('x', permit({ disclosers: [hospital], recipients: [operator] }))],
    ['was withdrawn', withdraw(release, advocate, later(-1))],
    ['waits for confirmation', { ...signed, state: 'pending', directive: permit() }],
    ['was signed under duress', { ...signed, state: 'inert', directive: permit(), enrolledBy: advocate }],
    ['begins later', active('x', permit({ disclosers: [shelter], recipients: [operator] }), { at: later(1) })],
    [
      'has ended',
      active('x', permit({ disclosers: [shelter], recipients: [operator], end: { kind: 'at', instant: noon } }), {
        at: later(-DAY),
      }),
    ],
    [
      'names somebody nobody knows',
      active(
        'x',
        permit({ disclosers: [shelter], recipients: [operator], unresolved: [{ what: 'recipient', text: 'them' }] }),
      ),
    ],
    ['is a refusal', active('x', refusal({ disclosers: [shelter], recipients: [operator] }))],
  ])('opens nothing where it %s', (_, consent) => {
    expect(namesOperator(consent, opening)).toBe(false);
  });
});
