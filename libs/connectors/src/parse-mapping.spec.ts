import { readFileSync } from 'node:fs';
import { inWords, parseVocabulary } from '#terms';
import * as fc from 'fast-check';
import { ConnectorError } from './error.js';
import { parseMapping } from './parse-mapping.js';

const VOCABULARY = parseVocabulary(readFileSync('policies/vocabulary.yaml', 'utf8'), 'vocabulary.yaml');

function problemsIn(text: string): readonly string[] {
  try {
    parseMapping(text, 'm.yaml', VOCABULARY);
    return [];
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== 'MAPPING_INVALID') throw error;
    return error.problems.map(inWords);
  }
}

const FHIR = `source: st-brigid
protocol: fhir
subject: {identifier: 'urn:mrn'}
fields:
`;
const SQL = `source: harbour-house
protocol: sql
reads:
  client: {select: SELECT * FROM client WHERE client_no = $1, key: client_no}
fields:
`;
const REST = `source: county-police
protocol: rest
reads:
  person: {get: 'people/{id}', person: person.number}
fields:
`;
const CSV = `source: county-court
protocol: csv
reads:
  orders: {file: orders-*.csv, key: docket, finished by: trailer END, not older than: 36 h}
fields:
`;

describe('a mapping', () => {
  it.each([
    [FHIR, '  person.birth_date: Patient.birthDate'],
    [FHIR, "  person.legal_name: Patient.name.where(use = 'official')"],
    [FHIR, '  person.language: Patient.communication.where(preferred = true).language.coding.display'],
    [
      FHIR,
      "  medical.injury_findings:\n    path: Condition.code\n    codes: {'http://snomed.info/sct': {62106007: Concussion}}",
    ],
    [
      FHIR,
      "  medical.pregnancy:\n    path: Observation.value\n    of codes: {'http://loinc.org': [82810-3]}\n    codes: {'http://snomed.info/sct': {77386006: 'yes'}}",
    ],
    [
      FHIR,
      "  contact.safe_phone:\n    path: Patient.telecom.where(system = 'phone')\n    only where: extension('urn:safe').value = true\n    value: value",
    ],
    [SQL, '  person.legal_name: name\n  person.birth_date: {column: dob, form: MM/DD/YYYY}'],
    [
      SQL,
      '  contact.actual_address:\n    place: {lines: street, city: town, postal code: zip}\n    only where: {address_known: [true]}',
    ],
    [REST, '  protection_order.served: orders[type = "protection"].served_on'],
    [
      CSV,
      '  protection_order.order: {column: order, from: orders}\n  protection_order.firearm_bar: {column: brady, means yes: Y, means no: [N, ""]}'.replace(
        ', ""',
        '',
      ),
    ],
  ])('is read: %#', (head, fields) => {
    expect(problemsIn(head + fields)).toEqual([]);
  });

  it.each([
    [
      FHIR,
      '  person.brith_date: Patient.birthDate',
      'm.yaml:5:3: `person.brith_date` is not a field of the vocabulary; did you mean `person.birth_date`?',
    ],
    [
      FHIR,
      '  person.birth_date: Patient.brithDate',
      'm.yaml:5:30: `brithDate` is not an element of Patient; did you mean `birthDate`?',
    ],
    [
      FHIR,
      '  person.birth_date: "Patient.brithDate"',
      'm.yaml:5:31: `brithDate` is not an element of Patient; did you mean `birthDate`?',
    ],
    [
      FHIR,
      "  person.legal_name: Patient.name.where(usage = 'official')",
      'm.yaml:5:41: `usage` is not an element of HumanName; expected one of id, extension, use, text, family, given, prefix, suffix, period',
    ],
    [
      FHIR,
      '  person.birth_date: Pateint.birthDate',
      'm.yaml:5:22: `Pateint` is not a resource that a path may begin with; did you mean `Patient`?',
    ],
    [
      FHIR,
      '  person.birth_date: Patient.telecom',
      'm.yaml:5:22: this finds ContactPoint; person.birth_date (date) is read from date, dateTime, instant, string',
    ],
    [
      FHIR,
      '  medical.injury_findings: Condition.code.text',
      'm.yaml:5:28: what a Condition means is in its code: list those that count, under `codes` or `of codes`',
    ],
    [
      FHIR,
      "  contact.safe_phone: Patient.telecom.where(system = 'phone').value",
      'm.yaml:5:23: a number is safe only where somebody marked it so: say `only where`',
    ],
    [
      FHIR,
      '  person.legal_name: Patient.name.family Patient.name.given',
      'm.yaml:5:22: Parse error: expected `)` got `Patient`',
    ],
    [
      FHIR,
      '  person.legal_name: Patient.name.family) or (Patient.name.given',
      'm.yaml:5:22: its brackets do not match',
    ],
    [
      FHIR,
      '  person.legal_name: Patient.name.given.today()',
      'm.yaml:5:41: `today` is not a function that a mapping may use',
    ],
    [
      FHIR,
      '  person.legal_name: Patient.generalPractitioner.resolve()',
      'm.yaml:5:50: `resolve` is not a function that a mapping may use',
    ],
    [FHIR, '  person.legal_name: Patient.communication.constructor', 'm.yaml:5:44: `constructor` is no element'],
    [FHIR, "  person.legal_name: Patient.name.where(use = 'x' family)", 'm.yaml:5:35: where() has 1 arguments, here 2'],
    [
      FHIR,
      '  person.legal_name: {path: Patient.name, form: DD.MM.YYYY}',
      'm.yaml:5:49: `form` is for date or day fields; person.legal_name is text',
    ],
    [
      FHIR,
      '  person.gender_identity: Patient.maritalStatus',
      'm.yaml:5:27: this finds CodeableConcept; person.gender_identity (text) is read from string, code, markdown, uri, id, HumanName, integer, decimal, positiveInt, unsignedInt; list its `codes`',
    ],
    [FHIR, '  envelope.sender: Patient.id', "m.yaml:5:3: envelope.sender is Postern's own; no source has it"],
    [FHIR, '  person.alias: Patient.name\n  person.alias: Patient.name', 'm.yaml:6:3: this key is written twice'],
    [FHIR, '  person.alias: &a Patient.name', 'm.yaml:5:20: anchors (`&`) and tags (`!`) are not allowed'],
    [
      FHIR.replace('fhir', 'fire'),
      '  {}',
      'm.yaml:2:11: `fire` is not a protocol; expected one of fhir, sql, rest, csv',
    ],
    [
      FHIR.replace('subject', 'subjekt'),
      '  {}',
      'm.yaml:3:1: `subjekt` is not a key of a fhir mapping; did you mean `subject`?',
    ],
    [SQL, '  person.legal_name: na"me', 'm.yaml:6:22: this is not the name of a column'],
    [
      SQL,
      '  person.legal_name: {place: {city: town}}',
      'm.yaml:6:3: person.legal_name is text, not a place: name its `column`',
    ],
    [
      SQL,
      '  contact.actual_address: address',
      'm.yaml:6:3: contact.actual_address is a place: name the column of each part, `place: {lines: …, city: …, region: …}`',
    ],
    [
      SQL.replace('= $1', "= 'HH-0142'"),
      '  person.legal_name: name',
      'm.yaml:4:20: `select` finds the person by her local id: write `$1` where it stands',
    ],
    [SQL.replace('SELECT *', 'DELETE'), '  person.legal_name: name', 'm.yaml:4:20: `select` is one SELECT'],
    [
      SQL,
      '  person.legal_name: {column: name, from: clients}',
      'm.yaml:6:43: `clients` is not one of the reads; did you mean `client`?',
    ],
    [
      SQL,
      '  person.birth_date: {column: dob, form: MM-DD-YYYY}',
      'm.yaml:6:42: `MM-DD-YYYY` is not a form of dates; did you mean `MM/DD/YYYY`?',
    ],
    [REST, '  protection_order.served: orders[served', 'm.yaml:6:40: Expected "]" before end of expression'],
    [REST, '  protection_order.served: $eval("1")', 'm.yaml:6:28: `$eval` is not a function that a mapping may use'],
    [
      REST,
      '  protection_order.served: $map(a, function($x) {$x})',
      'm.yaml:6:28: `$map` is not a function that a mapping may use',
    ],
    [REST, '  protection_order.served: (function($x) {$x})(a)', 'lambda has no place in a mapping'],
    [REST, '  protection_order.served: a.**', 'descendant has no place in a mapping'],
    [
      REST.replace('{id}', '0'),
      '  {}',
      'm.yaml:4:17: `get` is a path below the base address with `{id}` once, such as people/{id}/orders',
    ],
    [CSV.replace('trailer END', 'midnight'), '  {}', '`finished by` is `trailer END`'],
    [CSV.replace('36 h', 'ages'), '  {}', 'm.yaml:4:87: `ages` is not a time such as `500 ms`, `2 s` or `36 h`'],
    [CSV.replace('orders-*.csv', '../orders-*.csv'), '  {}', '`file` is a name with one `*`'],
  ])('is refused: %#', (head, fields, expected) => {
    expect(problemsIn(head + fields).join('\n')).toContain(expected);
  });

  it('names everything wrong at once, in the order of the file', () => {
    expect(problemsIn(`${FHIR}  person.brith_date: Patient.birthDate\n  person.alias: Patient.nam\n`)).toHaveLength(2);
  });

  it('is never more than refused, whatever the file holds', () => {
    const pieces = fc.constantFrom(
      'source: a\n',
      'protocol: sql\n',
      'reads:\n',
      '  r: {select: "SELECT $1", key: k}\n',
      'fields:\n',
      '  person.alias: x\n',
      ' - ',
      '{',
      '[[',
      '&a ',
      '*a',
      '!!x ',
      '\u0000',
      '"',
      ': ',
      '<<: {}\n',
      '---\n',
    );
    expect(() =>
      fc.assert(
        fc.property(fc.array(fc.oneof(pieces, fc.string()), { maxLength: 12 }), (parts) => {
          problemsIn(parts.join(''));
        }),
      ),
    ).not.toThrow();
    expect(problemsIn('['.repeat(100_000)).length).toBeLessThan(30);
  });
});
