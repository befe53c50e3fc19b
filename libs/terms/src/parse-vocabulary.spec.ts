import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { type FactName, type FieldName, inWords, parseVocabulary, TermsError } from './index.js';

const shipped = readFileSync('policies/vocabulary.yaml', 'utf8');
const vocabulary = parseVocabulary(shipped, 'vocabulary.yaml');

/** The domain's own spelling, record by record; in the vocabulary each is `record.snake_case`. */
const DOMAIN: Readonly<Record<string, string>> = {
  person:
    'legalName alias birthDate genderIdentity language ethnicity disability immigrationStatus orientation deathDate',
  contact:
    'safePhone safeTimes voicemailSafe email actualAddress substituteAddress acpEnrolled shelter livingSituation',
  risk: 'tool dashTicks daScore odaraScore level judgement survivorPerception strangulation safetyPlan cautionFlag accessLabel',
  incident: 'category date place relationship weapon injury dvIndicator childImpact narrative',
  medical: 'injuryFindings ipvScreen assaultExam kitId custodyTransfer prophylaxis pregnancy mentalHealth substanceUse',
  legal_case: 'docket charge arrestDate bailConditions hearing disposition sentence victimStatement',
  protection_order: 'order conditions restrictedPerson protectedPersons issued served expires firearmBar',
  offender:
    'roleStatus custody releaseDate plannedResidence conditions tagging warrant programme attendance exitReason',
  child: 'name parents custodyOrder school childRisk',
  referral: 'service reason status outcome minutes advocateNote',
};
const DOMAIN_FIELDS = Object.entries(DOMAIN).flatMap(([record, names]) =>
  names.split(' ').map((name) => `${record}.${name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`),
);

describe('the shipped vocabulary', () => {
  it('has the ten record types and their 85 fields, numbered in their order', () => {
    expect(Object.keys(DOMAIN)).toHaveLength(10);
    expect(DOMAIN_FIELDS).toHaveLength(85);
    expect([...vocabulary.fields.keys()].slice(0, 85)).toEqual(DOMAIN_FIELDS);
    expect([...vocabulary.fields.values()].slice(0, 85).map(({ number }) => number)).toEqual(
      DOMAIN_FIELDS.map((_, i) => i + 1),
    );
  });

  it('has besides them that an agency knows her, the envelope and the pick-up attestation', () => {
    expect([...vocabulary.fields.keys()].slice(85)).toEqual([
      'service.enrolment',
      'envelope.sender',
      'envelope.purpose',
      'envelope.duties',
      'envelope.rule',
      'child.safe_pickup',
    ]);
    expect(vocabulary.fields.get('service.enrolment' as FieldName)?.number).toBe(86);
  });

  it('uses every category, scale, tag and record at least once', () => {
    const fields = [...vocabulary.fields.values()];
    expect(new Set(fields.map(({ category }) => category))).toEqual(new Set(vocabulary.categories.keys()));
    expect(new Set(fields.map(({ scaleName }) => scaleName))).toEqual(new Set(vocabulary.scales.keys()));
    expect(new Set(fields.flatMap(({ tags }) => tags))).toEqual(new Set(vocabulary.tags.keys()));
    expect(new Set(fields.map(({ record }) => record))).toEqual(new Set(vocabulary.records.keys()));
  });

  it('names everything in three standards as the domain does', () => {
    expect(vocabulary.fields.get('person.legal_name' as FieldName)?.mapping).toEqual({
      fhir: ['Patient.name'],
      niem: ['nc:PersonGivenName', 'nc:PersonSurName'],
      hl7v2: ['PID-5'],
    });
    expect(vocabulary.fields.get('offender.custody' as FieldName)?.mapping).toEqual({ fhir: [], niem: [], hl7v2: [] });
  });

  it('counts her whereabouts, and not his', () => {
    const whereabouts = [...vocabulary.fields.values()].filter(({ tags }) => tags.includes('whereabouts'));
    expect(whereabouts.map(({ name }) => name)).toEqual([
      'contact.actual_address',
      'contact.shelter',
      'contact.living_situation',
      'incident.place',
      'child.school',
    ]);
  });

  it('takes what nobody has said as the value that opens least', () => {
    const open = [...vocabulary.facts.values()].filter(
      ({ ifNobodyHasSaid, protectiveOrder }) => ifNobodyHasSaid === protectiveOrder.at(-1),
    );
    // That she is alive, and that nobody recorded her as the one who uses violence, are what is assumed in favour of sharing.
    expect(open.map(({ name }) => name)).toEqual(['deceased', 'role_being_corrected']);
  });

  it('lets a fact of several values be unknown until somebody speaks, and says how each but a yes or no is read', () => {
    expect(vocabulary.facts.get('subject_role' as FactName)?.ifNobodyHasSaid).toBe('unknown');
    const silent = [...vocabulary.facts.values()].filter(
      ({ kind, aloud }) => (kind === 'yes/no') === (aloud !== undefined),
    );
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  it('turns ages into bands and lets no word of the asker about age open anything', () => {
    const age = vocabulary.facts.get('age' as FactName);
    expect(age?.values).toEqual(['under 13', '13 to 15', '16 to 17', '18 and over']);
    expect(age?.protectiveOrder[0]).toBe('unknown');
  });
});

const SMALL = `
categories: {identity: {code: ID, title: Who she is}}
levels: {text: [nothing, full]}
tags: {identifying: {title: Says who somebody is}}
purposes: {treatment: {number: 1, title: Treat her}}
sectors: {police: {number: 1, title: Police}}
roles: {advocate: {number: 1, title: Advocate}}
duties: {expires_1h: {number: 1, title: Delete it after one hour}}
facts:
  age: {number: 1, title: Age, kind: ordered, unit: years, thresholds: [13, 18], set by: advocate}
records: {person: {title: Person}}
fields:
  person.name: {number: 1, title: Name, category: identity, about: survivor, level: text}
`;

function problemsOf(text: string): string[] {
  try {
    parseVocabulary(text, 'v.yaml');
  } catch (error) {
    if (error instanceof TermsError) return error.problems.map(inWords);
    throw error;
  }
  return [];
}

describe('a wrong vocabulary', () => {
  it.each<[what: string, from: string, to: string, says: string]>([
    ['an unknown section', 'tags:', 'tagz:', 'v.yaml:4:1: tagz is not a key of the vocabulary; did you mean tags?'],
    [
      'an unknown category',
      'category: identity',
      'category: identty',
      'identty is not a category; did you mean identity?',
    ],
    [
      'an unknown key',
      'about: survivor',
      'abuot: survivor',
      'v.yaml:13:61: abuot is not a key of a field; did you mean about?',
    ],
    [
      'an unknown scale',
      'level: text}',
      'level: date}',
      'v.yaml:13:85: date is not a scale of levels; expected one of text',
    ],
    [
      'a clause without its gap',
      'unit: years,',
      'unit: years, aloud: she is old,',
      'v.yaml:10:67: `aloud` is a clause with one `…` where the words go; a yes/no fact is read by its title',
    ],
    [
      'several values assumed',
      'kind: ordered, unit: years, thresholds: [13, 18],',
      'kind: any of, values: [old], if nobody has said: old,',
      'a fact that takes several values is `none` or `unknown` if nobody has said',
    ],
    ['a level scale without full', '[nothing, full]', '[nothing, all]', 'a scale runs from nothing to full'],
    ['a field of no record', 'person.name:', 'parson.name:', 'parson is not among the records'],
    ['a field without a record', 'person.name:', 'name:', 'name is not spelled as fields are'],
    [
      'a category spelled like a record',
      'records: {person',
      'records: {identity: {title: X}, person',
      'identity is also a record',
    ],
    ['descending thresholds', '[13, 18]', '[18, 13]', 'thresholds are written in ascending order'],
    ['a stranger who states a fact', 'set by: advocate', 'set by: advocat', 'did you mean advocate?'],
    [
      'a number used twice',
      'fields:',
      'fields:\n  person.alias: {number: 1, title: N, category: identity, about: survivor, level: text}',
      'the number 1 already belongs to person.alias',
    ],
    ['a number of nothing', 'police: {number: 1', 'police: {number: 0', 'expected a whole number from 1'],
    ['a number written as text', 'police: {number: 1', "police: {number: '1'", 'expected a whole number from 1'],
    ['an alias', 'title: Police', 'title: *police', 'v.yaml:6:38: an alias (`*`) is not allowed'],
    ['an anchor', 'title: Police', 'title: &police Police', 'v.yaml:6:46: an anchor (`&`) is not allowed'],
    ['a tag', 'title: Police', 'title: !!str Police', 'a tag (`!`) is not allowed'],
    ['a merge key', 'police: {number', '<<: {number', 'a merge key (`<<`) is not allowed'],
    ['a key other tools read as a boolean', 'treatment:', 'no:', 'some tools read the key no as true or false'],
    ['a key in other letters', 'treatment:', 'trеatment:', 'is not spelled as purposes are'],
    ['a key of the language itself', 'treatment:', '__proto__:', 'is not spelled as purposes are'],
    ['a key twice', 'about: survivor', 'about: survivor, about: child', 'this key is written twice'],
    ['a value missing', 'title: Police', 'title: ', 'a value is missing here'],
    ['a map where text belongs', 'title: Police', 'title: {a: b}', 'expected text'],
    ['two documents', 'records:', '---\nrecords:', 'a file holds one document'],
  ])('%s is refused at its place', (_, from, to, says) => {
    expect(SMALL).toContain(from);
    expect(problemsOf(SMALL)).toEqual([]);
    expect(problemsOf(SMALL.replace(from, to)).join('\n')).toContain(says);
  });

  it('is told everything at once, in the order of the file', () => {
    const problems = problemsOf(
      SMALL.replace('police: {number: 1', 'police: {number: 0').replace('level: text', 'level: txt'),
    );
    expect(problems).toEqual([
      'v.yaml:6:28: expected a whole number from 1',
      'v.yaml:13:85: txt is not a scale of levels; did you mean text?',
    ]);
  });

  it.each([
    ['nothing', ''],
    ['a comment', '# nothing'],
    ['a word', 'hello'],
    ['brackets without end', '['.repeat(200_000)],
    ['dashes without end', '- '.repeat(200_000)],
    ['more than an officer writes', `title: ${'x'.repeat(1_000_001)}`],
    ['control characters', '\u0000\u0007: \u2028'],
  ])('%s is refused and never crashes', (_, text) => {
    expect(problemsOf(text)).not.toEqual([]);
  });

  it('survives any cut and any changed character', () => {
    fc.assert(
      fc.property(fc.nat(SMALL.length), fc.nat(SMALL.length), fc.string({ maxLength: 3 }), (a, b, put) => {
        const [from, to] = a < b ? [a, b] : [b, a];
        expect(problemsOf(SMALL.slice(0, from) + put + SMALL.slice(to))).toBeInstanceOf(Array);
      }),
      { numRuns: 200 },
    );
  });
});

it('changes its digest with every byte', () => {
  expect(parseVocabulary(`${shipped}\n`, 'vocabulary.yaml').digest).not.toBe(vocabulary.digest);
});
