import { smallBundle } from '../../test/small-policies.js';
import { parseRecorded } from './parse-recorded.js';
import { replay, type Replayed } from './replay.js';

const bundle = smallBundle({
  'us-health/a.yaml': `
rules:
- {rule: a, share: [identity], for purpose: [treatment], when: {consent: agreed}}
- {rule: b, share: [contact.email], for purpose: [treatment], when: {risk: high}, names sender: yes}
- {rule: c, withhold: [person.alias], when: {deceased: yes}}
`,
});
const record = {
  decision: 'd1',
  purpose: 'treatment',
  origins: ['us-health'],
  facts: { sector: 'health', risk: 'high', deceased: 'no', tie: [] },
  consent: { 'person.legal_name': { state: 'agreed' }, 'person.birth_date': { state: 'agreed', level: 'year' } },
  left: {},
};

function replayed(changes: object): readonly Replayed['verdict'][] {
  return replay(bundle, [parseRecorded({ ...record, ...changes }, bundle)]).map(({ verdict }) => verdict);
}

describe('replay', () => {
  it('says what would have gone further, less far, or the same', () => {
    expect(
      replayed({
        left: {
          'person.legal_name': 'full',
          'contact.email': 'nothing',
          'person.birth_date': 'full',
          'contact.shelter': 'nothing',
        },
      }),
    ).toEqual([{ kind: 'same' }, { kind: 'gained', is: 'full' }, { kind: 'lost', is: 'year' }, { kind: 'same' }]);
  });

  it('does not know what a fact would have been that nobody asked for then', () => {
    const left = { 'contact.email': 'nothing', 'person.legal_name': 'full', 'person.alias': 'nothing' };
    const consent = { ...record.consent, 'person.alias': { state: 'agreed' } };
    expect(replayed({ facts: { sector: 'health' }, consent, left })).toEqual([
      { kind: 'unknown', least: 'nothing', most: 'full' },
      { kind: 'same' },
      { kind: 'unknown', least: 'nothing', most: 'full' },
    ]);
  });

  it.each([
    [
      'a word that the vocabulary has no longer',
      { facts: { ...record.facts, risk: 'extreme' }, left: { 'contact.email': 'full' } },
    ],
    ['a purpose that it has no longer', { purpose: 'gossip', left: { 'contact.email': 'full' } }],
    ['a field that it has no longer', { left: { 'contact.pigeon': 'full' } }],
    ['a level that it has no longer', { left: { 'contact.email': 'mostly' } }],
    [
      'a level of consent that it has no longer',
      { consent: { 'person.alias': { state: 'agreed', level: 'initials' } }, left: { 'person.alias': 'full' } },
    ],
  ])('does not take %s for unchanged', (_, changes) => {
    expect(replayed(changes)).toMatchObject([{ kind: 'unknown' }]);
  });

  it('lets nothing go under a regime that is gone', () => {
    expect(replayed({ origins: ['us-health', 'gone'], left: { 'person.legal_name': 'full' } })).toEqual([
      { kind: 'lost', is: 'nothing' },
    ]);
  });

  it('sends the sender only along with a value that was asked for too', () => {
    expect(replayed({ left: { 'envelope.sender': 'nothing', 'contact.email': 'full' } })).toEqual([
      { kind: 'gained', is: 'full' },
      { kind: 'same' },
    ]);
    expect(replayed({ left: { 'envelope.sender': 'nothing' } })).toEqual([{ kind: 'same' }]);
    expect(replayed({ facts: {}, left: { 'envelope.sender': 'nothing' } })).toEqual([{ kind: 'same' }]);
  });

  it('lets nothing go where whoever asked might no longer ask, and does not know where that is not recorded', () => {
    const left = { 'person.legal_name': 'full' };
    const asking = (more: object): unknown => replayed({ left, asking: more })[0];
    expect(replayed({ left, asking: 'not known' })).toEqual([{ kind: 'unknown', least: 'nothing', most: 'full' }]);
    // Nothing binds the asker, or nothing lets a health agency tell that it knows her.
    expect(asking({ origins: [] })).toEqual({ kind: 'same' });
    expect(asking({ origins: ['us-health'] })).toEqual({ kind: 'lost', is: 'nothing' });
    const lets = smallBundle({
      'us-health/a.yaml':
        'rules:\n- {rule: a, share: [identity]}\n- {rule: b, share: [service.enrolment], when: {consent: agreed, risk: high}}',
    });
    const verdict = (more: object) =>
      replay(lets, [parseRecorded({ ...record, left, asking: { origins: ['us-health'], ...more } }, lets)])[0]?.verdict;
    const consent = { 'service.enrolment': { state: 'agreed' } };
    expect(verdict({ facts: { risk: 'high' }, consent })).toEqual({ kind: 'same' });
    expect(verdict({ facts: { risk: 'medium' }, consent })).toEqual({ kind: 'lost', is: 'nothing' });
    expect(verdict({ facts: { risk: 'high' } })).toEqual({ kind: 'lost', is: 'nothing' });
    expect(verdict({})).toMatchObject({ kind: 'unknown' });
  });

  it('refuses what is no record, and says where', () => {
    for (const [wrong, message] of [
      [null, /^the record is not an object$/],
      [{ ...record, extra: 1 }, /^the record has a key that does not belong there$/],
      [
        { ...record, consent: { 'person.alias': { state: 'perhaps' } } },
        /^the record\.consent\.person\.alias\.state is none of /,
      ],
      [{ ...record, facts: { risk: 3 } }, /^the record\.facts\.risk is not text$/],
    ] as const)
      expect(() => parseRecorded(wrong, bundle)).toThrow(
        expect.objectContaining({
          code: 'RECORD_INVALID',
          message: expect.stringMatching(message),
        }),
      );
  });
});
