/** The head of a file of cases. */
export const CASES = `
people:
  doctor: {sector: health, purpose: treatment}
cases:
`;

const REGIME = 'regime: us-health\ntitle: T\ngoverns:\n- {origins: enrolled here, fields: everything}\n';

/** What an officer got wrong in `us-health/x.yaml`, or in the file named, and what she reads. */
export const WRONG: readonly [what: string, text: string, message: string, path?: string][] = [
  [
    'a value of consent',
    'rules:\n- rule: a\n  share: [identity]\n  when: {consent: cover}',
    '4:19: `cover` is not a value of consent; expected one of agreed, not_asked, refused, withdrawn, expired, inert',
  ],
  [
    'a value nearly right',
    'rules:\n- rule: a\n  share: [identity]\n  when: {consent: agred}',
    '4:19: `agred` is not a value of consent; did you mean `agreed`? Expected one of agreed, not_asked, refused, withdrawn, expired, inert',
  ],
  [
    'a field',
    'rules:\n- rule: a\n  share: [identity, contact.safe_fone]',
    '3:21: `contact.safe_fone` is not a field or a category; did you mean `contact.safe_phone`?',
  ],
  [
    'a category',
    'rules:\n- rule: a\n  share: [loction]',
    '3:11: `loction` is not a field or a category; did you mean `location`?',
  ],
  [
    'a tag',
    'rules:\n- rule: a\n  withhold: [everything tagged wherabouts]',
    '3:14: `wherabouts` is not a tag; did you mean `whereabouts`? Expected one of identifying, whereabouts, hints_at_whereabouts, free_text',
  ],
  [
    'a level',
    'rules:\n- rule: a\n  share: [{person.birth_date: month}]',
    '3:31: `month` is not a level of person.birth_date; expected one of nothing, age_band, year, full',
  ],
  [
    'a key',
    'rules:\n- rule: a\n  share: [identity]\n  for purposes: [treatment]',
    '4:3: `for purposes` is not a key of a rule; did you mean `for purpose`? Expected one of rule, title, source, checked, share, at most, withhold, with, for purpose, when, when any, unless, last resort, names sender, tell upon, duties, say, alert',
  ],
  [
    'a purpose',
    'rules:\n- rule: a\n  share: [identity]\n  for purpose: [treatmnt]',
    '4:17: `treatmnt` is not a purpose; did you mean `treatment`? Expected one of safety_planning, service_referral, housing_placement, treatment, risk_assessment, risk_management, emergency, investigation, prosecution, protection_order, offender_supervision, child_protection, child_safety, case_conference, case_review, statistics, audit, legal_demand, subject_access',
  ],
  [
    'a duty',
    'rules:\n- rule: a\n  share: [identity]\n  duties: [expires_2h]',
    '4:12: `expires_2h` is not a duty; did you mean `expires_1h`? Expected one of no_redisclosure_notice, use_for_stated_purpose_only, keep_from_perpetrator, second_person_review_24h, notify_privacy_officer, expires_1h, tell_her_promptly_unless_unsafe, account_for_disclosure, notify_survivor, take_protective_steps, minimum_necessary, do_not_publish, copy_of_consent, document_at_once, never_as_evidence, record_lawful_basis, seek_views_when_safe, pass_on_for_safety_only, acknowledge_corrections',
  ],
  [
    'a fact',
    'rules:\n- rule: a\n  share: [identity]\n  when: {perpetrator_at_reqester: no}',
    '4:10: `perpetrator_at_reqester` is not a fact of the vocabulary; did you mean `perpetrator_at_requester`?',
  ],
  [
    'a fact that is not of the asker',
    'rules:\n- rule: a\n  share: [identity]\n  with: {age: under 18}',
    '4:10: age does not describe whoever asks; write it under `when`',
  ],
  [
    'consent among the facts of the asker',
    'rules:\n- rule: a\n  share: [identity]\n  with: {consent: agreed}',
    '4:10: consent stands in `when`, `when any` or `unless`, not in `with`',
  ],
  [
    'the purpose in `when`',
    'rules:\n- rule: a\n  share: [identity]\n  when: {purpose: treatment}',
    '4:10: a purpose stands under `for purpose`, not in `when`',
  ],
  [
    'a band that is none',
    'rules:\n- rule: a\n  share: [identity]\n  when: {age: under 17}',
    '4:15: `under 17` is not a band of age; its thresholds are 13, 16, 18: write `under 13`, `18 and over` or one of under 13, 13 to 15, 16 to 17, 18 and over',
  ],
  [
    'unknown in a share',
    'rules:\n- rule: a\n  share: [identity]\n  when: {deceased: [no, unknown]}',
    '4:25: unknown never opens anything: in the `when` of a share it can never hold',
  ],
  [
    "unknown in a limit's exception",
    'rules:\n- rule: a\n  withhold: [identity]\n  unless: [{deceased: unknown}]',
    '4:23: unknown never opens anything: in the `unless` of a limit it can never hold',
  ],
  [
    'known in a share',
    'rules:\n- rule: a\n  share: [identity]\n  when: {deceased: known no}',
    '4:20: `known` says nothing in the `when` of a share, where unknown never holds; write `no`',
  ],
  [
    "known in a share's exception",
    'rules:\n- rule: a\n  share: [identity]\n  unless: [{deceased: known yes}]',
    "4:23: `known` stands in a limit's `when` only; unknown always meets the `unless` of a share",
  ],
  [
    'a share in core',
    'rules:\n- rule: a\n  share: [identity]',
    '2:3: core holds limits, duties and promises only; a share belongs to a regime',
    'core/x.yaml',
  ],
  ['no effect', 'rules:\n- rule: a\n  duties: [expires_1h]', '2:3: a rule has one of share, at most, withhold'],
  [
    'two effects',
    'rules:\n- rule: a\n  share: [identity]\n  withhold: [location]',
    '2:3: a rule has one effect, not both `share` and `withhold`; make two rules',
  ],
  ['no name', 'rules:\n- share: [identity]', '2:3: a rule has a name: `rule: …`'],
  [
    'a name with a space',
    'rules:\n- rule: My Rule\n  share: [identity]',
    '2:9: `My Rule` is not a name; use small letters a to z, digits and hyphens',
  ],
  [
    'a name in other letters',
    'rules:\n- rule: minоr\n  share: [identity]',
    '2:9: `minоr` is not a name; use small letters a to z, digits and hyphens; its 4th character is U+043E, a Cyrillic letter',
  ],
  [
    'one name twice',
    'rules:\n- rule: a\n  share: [identity]\n- rule: a\n  share: [location]',
    '4:3: `a` is already the name of a rule of us-health (us-health/x.yaml:2)',
  ],
  [
    'a field at two levels',
    'rules:\n- rule: a\n  share: [identity, {person.birth_date: year}]',
    '3:22: names person.birth_date at `year`, and before at `full`; name it once',
  ],
  [
    'at most without levels',
    'rules:\n- rule: a\n  at most: [person.birth_date]',
    '3:13: `at most` names a level for each field: `{person.birth_date: year}`',
  ],
  [
    'at most nothing',
    'rules:\n- rule: a\n  at most: {person.birth_date: nothing}',
    '3:32: `at most` at `nothing` is a `withhold`; write that',
  ],
  [
    'at most everything',
    'rules:\n- rule: a\n  at most: {person.birth_date: full}',
    '3:32: `at most` at `full` limits nothing; leave it out',
  ],
  [
    'a share of nothing',
    'rules:\n- rule: a\n  share: [{person.birth_date: nothing}]',
    '3:31: `share` at `nothing` shares nothing; leave it out',
  ],
  [
    'a withhold with levels',
    'rules:\n- rule: a\n  withhold: [{person.birth_date: year}]',
    '3:14: `withhold` names fields, without levels',
  ],
  [
    'a group with a level that not all have',
    'rules:\n- rule: a\n  at most: {identity: year}',
    '3:23: `year` is not a level of person.legal_name; expected one of nothing, full',
  ],
  ['an empty share', 'rules:\n- rule: a\n  share: []', '3:10: `share` is empty'],
  [
    'an unknown way to say everything',
    'rules:\n- rule: a\n  withhold: [everything about her]',
    '3:14: `everything about her` is not part of the language; write `everything`, `everything tagged …` or `everything except […]`',
  ],
  [
    'an exception that is not a list',
    'rules:\n- rule: a\n  withhold: [identity]\n  unless: {sector: police}',
    '4:11: `unless` takes a list of maps: `[{…}]`, or lines with `-`',
  ],
  [
    'a limit of last resort',
    'rules:\n- rule: a\n  withhold: [identity]\n  last resort: yes',
    '4:16: `last resort` belongs to a share',
  ],
  [
    'a last resort that is a no',
    'rules:\n- rule: a\n  share: [identity]\n  last resort: no',
    '4:16: `last resort` is `yes` or is left out',
  ],
  [
    'checked without a day',
    'rules:\n- rule: a\n  share: [identity]\n  checked: {by: A. Lawyer}',
    '4:12: `checked` says by whom and on which day: `{by: …, on: 2026-03-01}`, or `{by: nobody yet}`',
  ],
  [
    'checked on no day',
    'rules:\n- rule: a\n  share: [identity]\n  checked: {by: A. Lawyer, on: 2026-02-30}',
    '4:32: `2026-02-30` is not a day; write it as 2026-03-01',
  ],
  [
    'told upon what it does not share',
    'rules:\n- rule: a\n  share: [identity]\n  with: {tie: her_shelter}\n  for purpose: [safety_planning]\n  tell upon: protection_order.served',
    '6:14: the rule does not share protection_order.served; to be told upon it would tell of it',
  ],
  [
    'told upon a group',
    'rules:\n- rule: a\n  share: [identity]\n  with: {tie: her_shelter}\n  for purpose: [safety_planning]\n  tell upon: identity',
    '6:14: `tell upon` names single fields: `protection_order.served`',
  ],
  [
    'told upon something, nobody knows who',
    'rules:\n- rule: a\n  share: [referral.status]\n  for purpose: [safety_planning]\n  tell upon: referral.status',
    "2:3: `tell upon` asks on somebody's behalf; say for whom and what for: `with` is missing",
  ],
  [
    'told upon something, nobody knows what for',
    'rules:\n- rule: a\n  share: [referral.status]\n  with: {tie: her_shelter}\n  tell upon: referral.status',
    "2:3: `tell upon` asks on somebody's behalf; say for whom and what for: `for purpose` is missing",
  ],
  [
    'a limit that tells',
    'rules:\n- rule: a\n  withhold: [referral.status]\n  tell upon: referral.status',
    '4:14: `tell upon` belongs to a share',
  ],
  [
    'an alert that is a word',
    'rules:\n- rule: a\n  withhold: [identity]\n  alert: privacy_officer',
    '4:10: `alert` is `yes` or is left out',
  ],
  [
    'treated as, in a file of rules',
    'treated as:\n- {subject_role: third_party, for purpose: everything else, as: survivor}',
    '1:1: `treated as` stands in `regime.yaml`, once for the regime',
  ],
  [
    'treated as, in core',
    'regime: core\ntitle: T\ntreated as:\n- {subject_role: third_party, for purpose: everything else, as: survivor}',
    '4:1: core shares nothing, and a limit counts for every role; `treated as` belongs to a regime',
    'core/regime.yaml',
  ],
  [
    'treated as nobody knows whom',
    `${REGIME}treated as:\n- {subject_role: adolescent_using_violence, for purpose: everything else, as: perpetrater}`,
    '6:79: `perpetrater` is not a value of subject_role; did you mean `perpetrator`? Expected one of survivor, child, perpetrator, alleged_perpetrator, adolescent_using_violence, third_party',
    'us-health/regime.yaml',
  ],
  [
    'treated as themselves',
    `${REGIME}treated as:\n- {subject_role: child, for purpose: everything else, as: child}`,
    '6:59: child is treated as itself without a word; leave it out',
    'us-health/regime.yaml',
  ],
  [
    'treated twice for one purpose',
    `${REGIME}treated as:\n- {subject_role: third_party, for purpose: [treatment, audit], as: survivor}\n- {subject_role: third_party, for purpose: [audit], as: child}`,
    '7:3: third_party is already treated for `audit`; once is enough',
    'us-health/regime.yaml',
  ],
  [
    'treated twice for everything else',
    `${REGIME}treated as:\n- {subject_role: third_party, for purpose: everything else, as: survivor}\n- {subject_role: third_party, for purpose: everything else, as: child}`,
    '7:3: third_party is already treated for `everything else`; once is enough',
    'us-health/regime.yaml',
  ],
  [
    'treated as, without what for',
    `${REGIME}treated as:\n- {subject_role: third_party, as: survivor}`,
    '6:3: each of `treated as` says who, what for and as whom: `{subject_role: third_party, for purpose: everything else, as: survivor}`',
    'us-health/regime.yaml',
  ],
  [
    'a key of treated as',
    `${REGIME}treated as:\n- {role: third_party, for purpose: everything else, as: survivor}`,
    '6:3: each of `treated as` says who, what for and as whom: `{subject_role: third_party, for purpose: everything else, as: survivor}`|6:4: `role` is not a key of `treated as`; expected one of subject_role, for purpose, as',
    'us-health/regime.yaml',
  ],
  [
    'ages that cut a band',
    'rules:\n- rule: a\n  withhold: [identity]\n  when: {age: 13 to 16}',
    '4:15: `13 to 16` is not a band of age; its thresholds are 13, 16, 18: write `under 13`, `18 and over` or one of under 13, 13 to 15, 16 to 17, 18 and over',
  ],
  [
    'ages the wrong way round',
    'rules:\n- rule: a\n  withhold: [identity]\n  when: {age: 18 to 12}',
    '4:15: `18 to 12` is not a band of age; its thresholds are 13, 16, 18: write `under 13`, `18 and over` or one of under 13, 13 to 15, 16 to 17, 18 and over',
  ],
  [
    'a word of a subject',
    'rules:\n- rule: a\n  share: [offending]\n  when: {subject_role: perpetrators}',
    '4:24: `perpetrators` is not a value of subject_role; did you mean `perpetrator`? Expected one of survivor, child, perpetrator, alleged_perpetrator, adolescent_using_violence, third_party, none',
  ],
  [
    'a promise about a group at a level',
    'promises:\n- promise: p\n  always share: [{identity: year}]\n  regime: us-health',
    '3:29: `year` is not a level of person.legal_name; expected one of nothing, full',
  ],
  [
    'a promise without its sentence',
    'promises:\n- never share: [identity]',
    '2:3: a promise is a sentence: `promise: …`',
  ],
  [
    'a promise of both kinds',
    'promises:\n- promise: p\n  never share: [identity]\n  always share: [identity]',
    '2:3: a promise has one of `never share`, `always share`',
  ],
  [
    'a never of one regime',
    'promises:\n- promise: p\n  never share: [identity]\n  regime: us-health',
    '4:11: a `never share` promise holds over every combination of regimes; it names none',
  ],
  [
    'an always of last resort',
    'promises:\n- promise: p\n  always share: [identity]\n  regime: us-health\n  last resort: yes',
    '5:16: `last resort` belongs to a `never share` promise',
  ],
  [
    'a regime without a title',
    'regime: us-health\ngoverns:\n- {origins: enrolled here, fields: everything}',
    '1:1: a regime has a `title`',
    'us-health/regime.yaml',
  ],
  [
    'governing nobody',
    'regime: us-health\ntitle: T\ngoverns:\n- {fields: everything}',
    '4:3: `governs` names `origins` and `fields`: `{origins: enrolled here, fields: everything}`',
    'us-health/regime.yaml',
  ],
  [
    'consent under which a regime governs',
    'regime: us-health\ntitle: T\ngoverns:\n- {origins: enrolled here, fields: everything, under: {consent: agreed}}',
    '4:56: consent stands in `when`, `when any` or `unless`, not in `under`',
    'us-health/regime.yaml',
  ],
  [
    'a category that a share cannot reach',
    'rules:\n- rule: a\n  share: [everything except everything]',
    '3:10: `share` names no field',
  ],
  [
    'a promise with levels',
    'promises:\n- promise: p\n  never share: [{person.birth_date: year}]',
    '3:17: `never share` names fields, without levels',
  ],
  [
    'an always without its regime',
    'promises:\n- promise: p\n  always share: [identity]',
    '2:3: an `always share` promise names its `regime`',
  ],
  [
    "another regime's promise",
    'promises:\n- promise: p\n  always share: [identity]\n  regime: us-other',
    '4:11: `us-other` is not the regime of this folder; write `us-health`',
  ],
  [
    'an alias',
    'rules:\n- rule: a\n  share: &s [identity]\n- rule: b\n  share: *s',
    '3:13: anchors (`&name`) are not part of the language; write it out|5:10: aliases (`*name`) are not part of the language; write it out',
  ],
  [
    'a merge key',
    'rules:\n- rule: a\n  share: [identity]\n  <<: {say: x}',
    '4:3: merge keys (`<<`) are not part of the language; write it out',
  ],
  ['a YAML tag', 'rules:\n- rule: !!str a\n  share: [identity]', '2:15: tags (`!name`) are not part of the language'],
  ['a directive', '%YAML 1.1\n---\nrules: []', '1:1: directives (`%YAML`, `%TAG`) are not part of the language'],
  ['a key twice', 'rules:\n- rule: a\n  share: [identity]\n  share: [location]', '4:3: `share` stands here twice'],
  [
    'two documents',
    'rules:\n- {rule: a, share: [identity]}\n---\nrules: []',
    '3:1: a file holds one document; remove what follows `---`',
  ],
  ['no value', 'rules:\n- rule: a\n  share:\n', '3:3: `share` has no value'],
  [
    'a key that is a list',
    'rules:\n- rule: a\n  ? [share]\n  : [identity]',
    '3:5: a key is a word, not a list or a map',
  ],
  [
    'an invisible character',
    'rules:\n- rule: a\n  share: [identity]\n  say: "Not\u202e for you"',
    '4:12: the invisible character U+202E stands here; type the line anew',
  ],
  [
    'an invisible character in a comment',
    'rules:\n- rule: a # \u2067not for him\n  share: [identity]',
    '2:13: the invisible character U+2067 stands here; type the line anew',
  ],
  [
    'an invisible character by its number',
    'rules:\n- rule: a\n  share: [identity]\n  say: "Not\\u202e for you"',
    '4:8: holds the invisible character U+202E; type the line anew',
  ],
  [
    'half a character',
    'rules:\n- rule: a\n  share: [identity]\n  say: Not\ud800 for you',
    '4:11: the invisible character U+D800 stands here; type the line anew',
  ],
  [
    'a letter of two halves after a backslash',
    'rules:\n- rule: a\n  share: [identity]\n  say: "\\𝐚"',
    '4:9: not YAML: Invalid escape sequence \\�',
  ],
  [
    'a key in letters of another script',
    'rules:\n- rule: a\n  share: [identity]\n  when: {cоnsent: agreed}',
    '4:10: `cоnsent` is not a fact of the vocabulary; did you mean `consent`? Its 2nd character is U+043E, a Cyrillic letter',
  ],
  [
    'a word wholly in letters of another script',
    'rules:\n- rule: a\n  share: [identity]\n  when: {risk: һіɡһ}',
    '4:16: `һіɡһ` is not a value of risk; did you mean `high`? Its 1st character is U+04BB, a Cyrillic letter. Expected one of standard, medium, high',
  ],
  [
    'another kind of space',
    'rules:\n- rule: a\n  share: [identity]\n  for\u00a0purpose: [treatment]',
    '4:3: `for purpose` is not a key of a rule; did you mean `for purpose`? Its 4th character is U+00A0, another kind of space. Expected one of rule, title, source, checked, share, at most, withhold, with, for purpose, when, when any, unless, last resort, names sender, tell upon, duties, say, alert',
  ],
  [
    'an exception of an exception',
    'rules:\n- rule: a\n  withhold: [everything except everything except identity]',
    '3:14: an exception has no exception of its own; name the fields that are left out',
  ],
  [
    'a category that contains itself',
    'rules:\n- rule: a\n  withhold:\n  - &a [identity, *a]',
    '4:8: anchors (`&name`) are not part of the language; write it out',
  ],
  [
    'somebody of no name',
    'people:\n  "\\t": {sector: health}\ncases:\n- {case: c, given: {purpose: treatment}, expect: {everything else: nothing}}',
    '2:3: ` ` is not what somebody is called: one line of up to 60 characters',
    'us-health/x.cases.yaml',
  ],
  [
    'two columns of one name',
    `${CASES}- table: t\n  given: {like: doctor}\n  columns: [age, age, person.legal_name]\n  rows:\n  - [14, 15, full]`,
    '7:18: two columns are called `age`',
    'us-health/x.cases.yaml',
  ],
  [
    'a bracket left open',
    'rules:\n- rule: a\n  share: [identity',
    '3:19: not YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
  ],
  ['an empty file', '', '1:1: the file is empty'],
  ['a file of words', 'rules', '1:1: a file of rules is a map (`key: value`), not `rules`'],
  [
    'a regime called otherwise',
    'regime: us-other\ntitle: T\ngoverns:\n- {origins: enrolled here, fields: everything}',
    '1:9: the regime is called `us-other`, its folder `us-health`; they are one name',
    'us-health/regime.yaml',
  ],
  [
    'a regime that governs nothing',
    'regime: us-health\ntitle: T',
    '1:1: a regime says what it `governs`; a field no regime governs stays',
    'us-health/regime.yaml',
  ],
  [
    'a word for origins',
    'regime: us-health\ntitle: T\ngoverns:\n- {origins: anybody, fields: everything}',
    '4:13: `anybody` is not a word for origins; expected one of enrolled here, every agency',
    'us-health/regime.yaml',
  ],
  [
    'core governing',
    'regime: core\ntitle: T\ngoverns:\n- {origins: every agency, fields: everything}',
    '4:1: core cuts every field of every agency; it has no `governs`',
    'core/regime.yaml',
  ],
  [
    'a case that forgets everything else',
    `${CASES}- case: c\n  given: {like: doctor}\n  expect: {person.legal_name: nothing}`,
    '7:11: `expect` ends with `everything else: nothing`: what is not named must not leave unseen',
    'us-health/x.cases.yaml',
  ],
  [
    'a case like nobody',
    `${CASES}- case: c\n  given: {like: docter}\n  expect: {everything else: nothing}`,
    '6:17: `docter` is not one of the people above; did you mean `doctor`? Expected one of doctor',
    'us-health/x.cases.yaml',
  ],
  [
    'a case without a purpose',
    `${CASES}- case: c\n  given: {sector: health}\n  expect: {everything else: nothing}`,
    '6:10: says no `purpose`',
    'us-health/x.cases.yaml',
  ],
  [
    'a case of core without origins',
    `${CASES}- case: c\n  given: {like: doctor}\n  expect: {everything else: nothing}`,
    '6:10: says no `origins`: the regimes that the agency which holds the data is enrolled in',
    'core/x.cases.yaml',
  ],
  [
    'a fact in a case',
    `${CASES}- case: c\n  given: {like: doctor, aged: 14}\n  expect: {everything else: nothing}`,
    '6:25: `aged` is not a fact of the vocabulary; did you mean `age`?',
    'us-health/x.cases.yaml',
  ],
  [
    'an age in a case',
    `${CASES}- case: c\n  given: {like: doctor, age: young}\n  expect: {everything else: nothing}`,
    '6:30: `young` is not a value of age; expected one of a number, under 13, 13 to 15, 16 to 17, 18 and over, unknown',
    'us-health/x.cases.yaml',
  ],
  [
    'a duty that there is not',
    `${CASES}- case: c\n  given: {like: doctor}\n  expect: {everything else: nothing, duties: [expires_2h]}`,
    '7:47: `expires_2h` is not a duty; did you mean `expires_1h`? Expected one of no_redisclosure_notice, use_for_stated_purpose_only, keep_from_perpetrator, second_person_review_24h, notify_privacy_officer, expires_1h, tell_her_promptly_unless_unsafe, account_for_disclosure, notify_survivor, take_protective_steps, minimum_necessary, do_not_publish, copy_of_consent, document_at_once, never_as_evidence, record_lawful_basis, seek_views_when_safe, pass_on_for_safety_only, acknowledge_corrections',
    'us-health/x.cases.yaml',
  ],
  [
    'an alert that may be',
    `${CASES}- case: c\n  given: {like: doctor}\n  expect: {everything else: nothing, alert: perhaps}`,
    '7:45: `alert` is expected to be `yes` or `no`',
    'us-health/x.cases.yaml',
  ],
  [
    'a row that is too short',
    `${CASES}- table: t\n  given: {like: doctor}\n  columns: [age, person.legal_name]\n  rows:\n  - [14]`,
    '9:5: the row has 1 cells, the table 2 columns',
    'us-health/x.cases.yaml',
  ],
  [
    'a table that expects nothing',
    `${CASES}- table: t\n  given: {like: doctor}\n  columns: [age]\n  rows:\n  - [14]`,
    '7:12: no column names a field, so that the table expects nothing',
    'us-health/x.cases.yaml',
  ],
];
