import { parseBundle } from '../src/parse-bundle.js';
import { readAloud, readPromiseAloud, readTreatmentAloud } from '../src/read-aloud.js';
import { shippedFiles } from './shipped-policies.js';
import { smallBundle, vocabulary } from './small-policies.js';

const shipped = parseBundle(shippedFiles(), vocabulary);

describe('read aloud', () => {
  it.each([
    ...shipped.rules.map((rule) => [rule.id as string, readAloud(shipped, rule)]),
    ...shipped.promises.map((promise) => [promise.name, readPromiseAloud(shipped, promise)]),
  ])('%s is a sentence', (_, sentence) => {
    expect(sentence).toMatch(
      /^(?:As a last resort, share|Share|Never share|Always share|Breaking the glass never shares) [^_]*\.$/,
    );
    expect(sentence).not.toMatch(/undefined|\.\.|,,| {2}|…| ,|, \./);
  });

  it.each([
    [
      'core/tied-unit',
      'Never share anything, when it is known that the unit that asks employs, or is tied to, the person using violence. Where it decides, a person at the agency that holds the data is told.',
    ],
    [
      'core/minor',
      'Never share “Date of birth” to more than age band or “Where she lives” to more than region, when the age (hers, or that of the child) is under 18 or unknown, unless the agency that asks is of the sector child protection or court and the purpose is child protection.',
    ],
    [
      'us-health/treatment',
      'Share “Legal name”, “Date of birth”, “Language she speaks”, “Disability”, “Injuries found”, “Screening for partner violence”, “Whether she is pregnant”, “Mental health” and “Whether she was strangled” with health, for treatment or emergency, unless she has said of it: refused or withdrawn. With it: use it for the purpose you stated and no other; never let him, or anyone who might tell him, learn it or that you asked.',
    ],
    [
      'us-protection-orders/service-to-hospital',
      'Share “Date the order was served on him” with health, for safety planning, treatment or emergency. With it: do not publish it where it could tell who or where she is; use it for the purpose you stated and no other.',
    ],
  ])('%s says what it decides', (id, sentence) => {
    const rule = shipped.rules.find((one) => one.id === id);
    expect(rule && readAloud(shipped, rule)).toBe(sentence);
  });

  it('says of every word what it does', () => {
    const bundle = smallBundle({
      'us-health/regime.yaml':
        'regime: us-health\ntitle: Health\ngoverns:\n- {origins: enrolled here, fields: everything}\ntreated as:\n- {subject_role: third_party, for purpose: [audit, statistics], as: survivor}\n- {subject_role: third_party, for purpose: everything else, as: child}',
      'us-health/a.yaml': `rules:
- {rule: a, share: [protection_order.served], tell upon: protection_order.served, with: {tie: her_shelter}, for purpose: [safety_planning], last resort: yes, names sender: yes, alert: yes}
- {rule: b, share: [{person.birth_date: year}, person.alias], when: {age: 13 to 17}, when any: [{risk: high}, {deceased: yes, consent: [agreed, not_asked]}]}
- {rule: c, withhold: [person.alias], when: {perpetrator_at_requester: unknown, deceased: no, parent_may_be_abuser: [yes, no]}}
- {rule: d, share: [person.alias], when: {deceased: [yes, no]}}
- {rule: f, withhold: [person.alias], unless: [{consent: agreed}, {sector: police, purpose: emergency}, {risk: high}]}
- {rule: e, share: ['everything except [person.alias, person.birth_date]', envelope.sender, {person.birth_date: year}]}
promises:
- {promise: p, always share: [person.alias], regime: us-health, when: {age: 18 and over}}
- {promise: q, never share: everything, last resort: yes}`,
    });
    expect(bundle.rules.map((rule) => readAloud(bundle, rule))).toEqual([
      'As a last resort, share “Date the order was served on him”, for safety planning, when the agency that asks stands to the case as her shelter. Whoever gets something by it may learn who answered. Tell them so when there is a change of “Date the order was served on him”. Where it decides, a person at the agency that holds the data is told.',
      'Share “Other names she uses” and “Date of birth” up to year, when the age (hers, or that of the child) is 13 to 17 and either the danger is assessed as high, or it is known that she has died and she has said of it: agreed or not asked.',
      'Never share “Other names she uses”, when nobody knows whether the unit that asks employs, or is tied to, the person using violence, it is not known that she has died and it matters not whether a parent of this child may be the person using violence.',
      'Share “Other names she uses”, when somebody knows whether or not she has died.',
      'Share “Date of birth” up to year, “Which agency answered” and everything except “Other names she uses” and “Date of birth”.',
      'Never share “Other names she uses”, unless she has said of it: agreed, or unless the agency that asks is of the sector police and the purpose is emergency, or unless the danger is assessed as high.',
    ]);
    expect(bundle.promises.map((promise) => readPromiseAloud(bundle, promise))).toEqual([
      'Always share “Other names she uses”, when the age (hers, or that of the child) is 18 and over.',
      'Breaking the glass never shares anything.',
    ]);
    expect([...bundle.regimes.values()].flatMap(({ treatments }) => treatments.map(readTreatmentAloud))).toEqual([
      'Treat whoever is third party as survivor, for audit or statistics.',
      'Treat whoever is third party as child, for every other purpose.',
    ]);
  });
});
