import type { FieldName } from '#terms';

/** How a column is filled: every value of a column is as long for one person as for another, so that answers are too. */
interface Column {
  readonly field: string;
  readonly column: string;
  readonly type: string;
  /** Of the n-th person; `n` comes as four digits. */
  readonly value: (n: string) => unknown;
  /** The level of her release. */
  readonly level: string;
}

const text = (field: string, words: string, level = 'full'): Column => ({
  field,
  column: field.replace('.', '_'),
  type: 'text',
  value: (n) => `${words} ${n}`,
  level,
});
const typed = (field: string, type: string, value: (n: string) => unknown, level = 'full'): Column => ({
  field,
  column: field.replace('.', '_'),
  type,
  value,
  level,
});
const listed = (field: string, ...words: readonly string[]): Column =>
  typed(field, 'text[]', (n) => words.map((word) => `${word} ${n}`));

/** The place is put together from three columns, so the record has 40 fields and 42 columns. */
export const COLUMNS: readonly Column[] = [
  text('person.legal_name', 'Mara Ellison'),
  listed('person.alias', 'Mara Whitlock', 'M. Ellison'),
  typed('person.birth_date', 'date', (n) => `19${Number(n.slice(-1)) + 80}-04-30`, 'year'),
  text('person.gender_identity', 'woman'),
  text('person.language', 'English'),
  text('person.ethnicity', 'prefers not to say'),
  text('person.disability', 'hard of hearing, left ear'),
  text('person.immigration_status', 'citizen'),
  text('person.orientation', 'prefers not to say'),
  typed('contact.safe_phone', 'text', (n) => `+1 555 010 ${n}`),
  text('contact.safe_times', 'weekdays from 9 to 11'),
  typed('contact.voicemail_safe', 'boolean', () => false),
  typed('contact.email', 'text', (n) => `mara${n}@mail.example`),
  typed('contact.acp_enrolled', 'boolean', () => true),
  text('risk.tool', 'Danger Assessment'),
  typed('risk.dash_ticks', 'integer', () => 16),
  typed('risk.da_score', 'integer', () => 19),
  typed('risk.odara_score', 'integer', () => 8),
  text('risk.level', 'high'),
  text('risk.judgement', 'Escalating since she told him that she would leave; threatens to find her at work'),
  text('risk.survivor_perception', 'She believes that he will carry out what he threatens'),
  typed('risk.strangulation', 'boolean', () => true),
  text('risk.caution_flag', 'Two officers; he keeps a dog'),
  text('risk.access_label', 'restricted to the treating team'),
  text('incident.category', 'aggravated assault'),
  typed('incident.date', 'date', () => '2026-03-14'),
  text('incident.relationship', 'spouse, separated'),
  typed('incident.weapon', 'boolean', () => true),
  text('incident.injury', 'fracture of the left wrist'),
  typed('incident.dv_indicator', 'boolean', () => true),
  text('incident.child_impact', 'The younger child saw it and has not slept alone since'),
  listed('medical.injury_findings', 'Bruising of the neck', 'Fracture of the left wrist', 'Petechiae'),
  text('medical.ipv_screen', 'positive, HARK 3 of 4'),
  text('medical.assault_exam', 'not wished'),
  text('medical.kit_id', 'none'),
  listed('medical.prophylaxis', 'tetanus'),
  typed('medical.pregnancy', 'boolean', () => false),
  listed('medical.mental_health', 'acute stress reaction'),
  text('referral.status', 'accepted'),
];

const PLACE = { lines: 'place_line', city: 'place_city', region: 'place_region' };

export const FIELDS = [...COLUMNS.map(({ field }) => field), 'contact.substitute_address'] as FieldName[];

/** Her release names each field with its highest level. */
export const LEVELS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(COLUMNS.map(({ field, level }) => [field, level])),
  'contact.substitute_address': 'full',
};

const DEFINED: readonly (readonly [column: string, type: string])[] = [
  ...COLUMNS.map(({ column, type }) => [column, type] as const),
  ...Object.values(PLACE).map((column) => [column, 'text'] as const),
];

export const COLUMN_NAMES = DEFINED.map(([column]) => column);

export const CREATE_RECORDS = `CREATE TABLE record (id text PRIMARY KEY, ${DEFINED.map((one) => one.join(' ')).join(', ')})`;

export const INSERT_RECORD = `INSERT INTO record VALUES (${['id', ...COLUMN_NAMES].map((_, at) => `$${at + 1}`).join(', ')})`;

export function localIdOf(n: number): string {
  return `MRN-${String(n).padStart(4, '0')}`;
}

export function rowOf(n: number): readonly unknown[] {
  const digits = String(n).padStart(4, '0');
  return [
    localIdOf(n),
    ...COLUMNS.map(({ value }) => value(digits)),
    `Post box ${digits}`,
    'Springvale',
    'Riverside County',
  ];
}

/** What the hospital's engineer would write. */
export const MAPPING = `
source: st-brigid
protocol: sql
limits: { deadline: 2 s, size: 1 MB, at once: 16, waiting: 512, faults: 5, pause: 5 s }
reads:
  record: { select: SELECT * FROM record WHERE id = $1, key: id }
fields:
${COLUMNS.map(({ field, column }) => `  ${field}: { from: record, column: ${column} }`).join('\n')}
  contact.substitute_address: { from: record, place: { lines: ${PLACE.lines}, city: ${PLACE.city}, region: ${PLACE.region} } }
`;
