/** One word of the language: what it means to whoever reads it, and how it is written. */
export interface Word {
  readonly means: string;
  /** As it would stand in a file; of a rule's words, the lines of a rule. */
  readonly example: string;
}

type Words = { readonly [word: string]: Word };

/**
 * Every word of the language, each once. The parser takes its keys from here, and so do the schema for editors and the
 * page for officers: none of the three can know a word that the others do not.
 */
export const WORDS = {
  'a file of rules': {
    rules: {
      means: 'What may leave, and what may not. The order never matters.',
      example: 'rules:\n- {rule: a, share: [identity]}',
    },
    promises: {
      means: 'What must hold in every situation, whoever changes a rule later.',
      example: 'promises:\n- {promise: No employer learns anything, never share: everything, with: {sector: employer}}',
    },
  },
  'a rule': {
    rule: {
      means: 'Its name, of small letters, digits and hyphens. With its regime before it, the ledger names it by that.',
      example: 'rule: written-release',
    },
    title: {
      means: 'What it is about, in one sentence for an officer.',
      example: 'title: She signed a release that names this recipient',
    },
    source: {
      means: 'The law or the guidance it comes from.',
      example: 'source: 34 USC 12291(b)(2)',
    },
    checked: {
      means: 'Which lawyer or officer confirmed it, and on which day; or that nobody has yet.',
      example: 'checked: {by: A. Lawyer, on: 2026-03-01}',
    },
    share: {
      means:
        'Lets these fields go, each in full or up to the level named, where everything below holds. Stands in a regime.',
      example: 'share: [contact_details, {person.birth_date: year}]',
    },
    'at most': {
      means: 'Cuts each field to a level, whatever any share says.',
      example: 'at most: {person.birth_date: age_band}',
    },
    withhold: {
      means: 'Keeps these fields back whole, whatever any share says.',
      example: 'withhold: [everything tagged whereabouts]',
    },
    with: {
      means: 'Who asks.',
      example: 'with: {sector: [police, court]}',
    },
    'for purpose': {
      means: 'What it is asked for; one of them.',
      example: 'for purpose: [treatment, emergency]',
    },
    when: {
      means: 'What must be so; all of it. A word in a list is enough.',
      example: 'when: {consent: agreed, deceased: no}',
    },
    'when any': {
      means: 'Several lists of what must be so; one of them is enough.',
      example: 'when any: [{discloser_confirms: required_by_law}, {risk: high, consent: agreed}]',
    },
    unless: {
      means: 'Exceptions; one of them is enough. It lifts this rule and no other, and shares nothing itself.',
      example: 'unless: [{consent: [refused, withdrawn]}]',
    },
    'last resort': {
      means: 'Breaks the glass: counts only where no ordinary share reaches so far, and every limit still cuts it.',
      example: 'last resort: yes',
    },
    'names sender': {
      means: 'Whoever gets something by this share may also learn which agency it came from.',
      example: 'names sender: yes',
    },
    'tell upon': {
      means:
        'When one of these fields changes, the question is asked without anybody asking, for those whom `with` names. The rest of the rule still decides.',
      example:
        'tell upon: protection_order.served\nshare: [protection_order.served]\nwith: {tie: her_shelter}\nfor purpose: [safety_planning]',
    },
    duties: {
      means: 'What whoever receives it, or whoever gave it, has to do. Travels with every value.',
      example: 'duties: [no_redisclosure_notice]',
    },
    say: {
      means: 'A sentence for whoever asks, shown only beside something that was released.',
      example: 'say: She agreed to this for the purpose you stated.',
    },
    alert: {
      means:
        'Where this rule decides, a person at the agency that holds the data is told at once. Whoever asks is not.',
      example: 'withhold: [everything]\nwhen: {perpetrator_at_requester: known yes}\nalert: yes',
    },
  },
  '`checked`': {
    by: { means: 'Who confirmed it, or `nobody yet`.', example: 'checked: {by: nobody yet}' },
    on: { means: 'The day on which it was confirmed.', example: 'checked: {by: A. Lawyer, on: 2026-03-01}' },
  },
  fields: {
    'record.field': { means: 'One field, by its own name.', example: 'share: [contact.safe_phone]' },
    category: { means: 'Every field of a category.', example: 'share: [identity]' },
    everything: {
      means: 'Every field. In a share it never reaches the sender, the rule, or that an agency knows her.',
      example: 'withhold: [everything]',
    },
    'everything tagged': { means: 'Every field with that tag.', example: 'withhold: [everything tagged whereabouts]' },
    'everything except': {
      means: 'Every field but these.',
      example: 'withhold: everything except [child.safe_pickup, services]',
    },
  },
  conditions: {
    consent: {
      means:
        'What she has said of this field, to this recipient, for this purpose. A share grants no more than she agreed to.',
      example: 'when: {consent: agreed}',
    },
    purpose: {
      means: 'What it is asked for, inside `when any` and `unless`.',
      example: 'withhold: [location]\nunless: [{purpose: emergency, sector: police}]',
    },
    'a fact': {
      means: 'Any fact of the vocabulary, and the words it may have. All facts in one list must hold.',
      example: 'when: {risk: [medium, high]}',
    },
  },
  'words of a fact': {
    unknown: {
      means: 'Nobody has said. It opens nothing, and it meets every limit without being written.',
      example: 'withhold: [location]\nwhen: {perpetrator_at_requester: unknown}',
    },
    known: {
      means: "In a limit: that word, said by somebody; unknown does not count. Stands in a limit's conditions only.",
      example: 'withhold: [everything]\nwhen: {perpetrator_at_requester: known yes}',
    },
    none: { means: 'Of a fact that may have several words: none of them.', example: 'when: {tie: none}' },
    under: { means: 'Every band below a threshold of the vocabulary.', example: 'when: {age: under 18}' },
    'and over': { means: 'Every band from a threshold on.', example: 'when: {age: 16 and over}' },
    to: { means: 'Every band from one threshold up to just below another.', example: 'when: {age: 13 to 17}' },
  },
  consent: {
    agreed: { means: 'She agreed, up to a level.', example: 'when: {consent: agreed}' },
    not_asked: {
      means: 'Nobody has asked her, or it is not confirmed yet.',
      example: 'when: {consent: [agreed, not_asked]}',
    },
    refused: { means: 'She said no.', example: 'unless: [{consent: refused}]' },
    withdrawn: { means: 'She agreed once and took it back.', example: 'unless: [{consent: withdrawn}]' },
    expired: { means: 'The time she agreed to is over.', example: 'unless: [{consent: expired}]' },
    inert: {
      means: 'She seemed to agree and signalled that she was made to. Decides as `not_asked`.',
      example: 'unless: [{consent: inert}]',
    },
  },
  'a promise': {
    promise: { means: 'The promise, in one sentence.', example: 'promise: His employer never learns anything' },
    'never share': {
      means:
        'None of these fields leaves at all, under whichever regimes; unknown is covered unless a word is `known`.',
      example: 'never share: [everything tagged whereabouts]',
    },
    'always share': {
      means: 'Each of these fields leaves at least so far, under this regime with core.',
      example: 'always share: [protection_order.order]\nregime: us-health',
    },
    regime: {
      means: 'Of an `always share`: the regime of the folder it stands in.',
      example: 'always share: [protection_order.order]\nregime: us-health',
    },
    with: { means: 'Who asks.', example: 'with: {tie: his_employer}' },
    'for purpose': { means: 'What it is asked for; one of them.', example: 'for purpose: [statistics, audit]' },
    when: { means: 'What must be so; all of it.', example: 'when: {perpetrator_at_requester: [yes, unknown]}' },
    'when any': {
      means: 'Several lists of what must be so; one is enough.',
      example: 'when any: [{age: under 18}, {risk: high}]',
    },
    unless: { means: 'Where it does not speak; one is enough.', example: 'unless: [{sector: health}]' },
    'last resort': {
      means: 'Of a `never share`: speaks only of what breaking the glass lets out.',
      example: 'last resort: yes',
    },
  },
  'a regime': {
    regime: { means: 'Its name; the folder has the same.', example: 'regime: us-health' },
    title: { means: 'What it is called.', example: 'title: Privacy of health information' },
    governs: {
      means: 'Whose data, and which of it. A field that no regime governs stays.',
      example: 'governs: [{origins: enrolled here, fields: everything}]',
    },
    'treated as': {
      means:
        'As whom this regime treats a person of some role, by what is asked for. Its shares need the role that they are treated as; its limits count for that role and for every role that they hold.',
      example:
        'treated as:\n- {subject_role: adolescent_using_violence, for purpose: [risk_assessment], as: perpetrator}\n- {subject_role: adolescent_using_violence, for purpose: everything else, as: child}',
    },
  },
  '`governs`': {
    origins: {
      means: 'Whose data: of agencies `enrolled here`, or of `every agency`.',
      example: 'governs: [{origins: every agency, fields: [children]}]',
    },
    fields: { means: 'Which fields.', example: 'governs: [{origins: enrolled here, fields: everything}]' },
    under: {
      means: 'Only where this is so. Unknown counts as governed.',
      example: 'governs: [{origins: enrolled here, fields: everything, under: {age: under 18}}]',
    },
  },
  '`treated as`': {
    subject_role: {
      means: 'The role that the person holds.',
      example: 'treated as: [{subject_role: alleged_perpetrator, for purpose: [risk_assessment], as: perpetrator}]',
    },
    'for purpose': {
      means: 'What is asked for; or `everything else`, for what no other line of this role names.',
      example: 'treated as: [{subject_role: third_party, for purpose: everything else, as: survivor}]',
    },
    as: {
      means: 'The role that they are treated as. It is not looked up again.',
      example: 'treated as: [{subject_role: third_party, for purpose: everything else, as: survivor}]',
    },
  },
  'a file of cases': {
    people: {
      means: 'Those who ask, so that each is described once.',
      example:
        'people:\n  doctor: {sector: health, purpose: treatment}\ncases:\n- {case: c, given: {like: doctor}, expect: {everything else: nothing}}',
    },
    cases: {
      means: 'Situations, and what must come of each.',
      example: 'cases:\n- {case: c, given: {purpose: treatment}, expect: {everything else: nothing}}',
    },
  },
  'a case': {
    case: { means: 'What happens, in one sentence.', example: 'case: Another hospital treats her' },
    given: { means: 'The situation.', example: 'given: {purpose: treatment, sector: health}' },
    expect: {
      means: 'How far each field must leave; `everything else` closes it.',
      example: 'expect: {person.legal_name: full, everything else: nothing}',
    },
    'everything else': {
      means: 'Every field that no other line names. Mandatory, so that nothing leaves unseen.',
      example: 'expect: {everything else: nothing}',
    },
  },
  '`expect`': {
    duties: {
      means: 'Beside the fields: the duties that come with what leaves, all of them; or `none`.',
      example: 'expect: {everything else: nothing, duties: none}',
    },
    'duties of': {
      means: 'The duties that come with one field, all of them, whichever come with others too; or `none`.',
      example: 'expect: {everything else: nothing, duties of: {person.legal_name: none}}',
    },
    say: {
      means: 'The sentences that whoever asks reads beside what was released, all of them; or `none`.',
      example: 'expect: {everything else: nothing, say: none}',
    },
    alert: {
      means: 'Whether a person at the agency that holds the data is told; `yes` or `no`.',
      example: 'expect: {everything else: nothing, alert: no}',
    },
    'last resort': {
      means: 'Whether anything leaves by breaking the glass; `yes` or `no`.',
      example: 'expect: {everything else: nothing, last resort: no}',
    },
    'tell upon': {
      means: 'The fields upon a change of which whoever may ask is told unasked, all of them; or `none`.',
      example: 'expect: {everything else: nothing, tell upon: none}',
    },
  },
  'a table': {
    table: { means: 'What its rows are about; each is a case.', example: 'table: Who asks, and for what' },
    given: { means: 'What is so in every row.', example: 'given: {purpose: treatment}' },
    columns: {
      means: 'Facts, and then the fields to expect, or words of `expect`.',
      example: 'columns: [sector, identity]',
    },
    rows: { means: 'A word for each column.', example: 'rows:\n- [health, nothing]' },
  },
  '`given`': {
    like: {
      means: 'One of the people above; what is written beside it goes before.',
      example: 'given: {like: doctor, risk: high}',
    },
    purpose: { means: 'What it is asked for.', example: 'given: {purpose: treatment}' },
    origins: {
      means: 'The regimes that bind the agency that holds the data. Left out, the regime of the folder.',
      example: 'given: {purpose: treatment, origins: us-health}',
    },
    travelled: {
      means: 'Fields that came from elsewhere, and the regimes they keep.',
      example: 'given: {purpose: treatment, travelled: {location: us-health}}',
    },
    consent: {
      means: 'What she has said, for all fields or field by field; `agreed to` names a level.',
      example: 'given: {purpose: treatment, consent: {location: agreed, person.birth_date: agreed to year}}',
    },
  },
} as const satisfies { readonly [where: string]: Words };

type Where = keyof typeof WORDS;
export type WordOf<Place extends Where> = keyof (typeof WORDS)[Place] & string;

/** The words that may stand somewhere, in the order of the page. */
export function wordsOf<Place extends Where>(where: Place): readonly WordOf<Place>[] {
  return Object.keys(WORDS[where]) as WordOf<Place>[];
}
