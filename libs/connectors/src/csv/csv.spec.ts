import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { ask, faultOf, question, VOCABULARY } from '../../test/ask.js';
import { connect } from '../connect.js';
import { parseMapping } from '../parse-mapping.js';
import type { ConnectedSource } from '../source.js';

const MAPPING = `
source: county-court
protocol: csv
limits: {size: 200 kB, deadline: 5 s, faults: 50}
reads:
  orders: {file: orders-*.csv, key: docket, finished by: trailer END, not older than: 36 h}
  hearings: {file: hearings-*.txt, key: docket, rows: many, separator: ';', finished by: marker .done, not older than: 36 h}
fields:
  protection_order.order: {from: orders, column: title}
  protection_order.issued: {from: orders, column: issued, form: MM/DD/YYYY}
  protection_order.expires: {from: orders, column: expires, form: MM/DD/YYYY}
  protection_order.firearm_bar: {from: orders, column: brady, means yes: [Y], means no: [N]}
  protection_order.conditions: {from: orders, column: conditions}
  legal_case.hearing: {from: hearings, column: day, only where: {kind: [next]}}
  legal_case.charge: {from: hearings, column: charge}
`;

const HEADER = 'docket,title,issued,expires,brady,conditions,restrained\r\n';
const HER_ROW =
  '2026-PO-0311,"Order of protection, final",11/02/2026,11/02/2027,Y,"Stay 500 ft away; ""no"" contact",Dale Ellison\r\n';
const OTHER_ROW = '2026-PO-0312,Temporary order,11/03/2026,,N,none,Sam Poe\r\n';
const FULL = [
  'protection_order.order',
  'protection_order.issued',
  'protection_order.expires',
  'protection_order.firearm_bar',
  'protection_order.conditions',
];
const HERS = {
  'protection_order.order': 'Order of protection, final',
  'protection_order.issued': '2026-11-02',
  'protection_order.expires': '2027-11-02',
  'protection_order.firearm_bar': true,
  'protection_order.conditions': 'Stay 500 ft away; "no" contact',
};

let folder: string;
let source: ConnectedSource;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-csv-'));
  source = connect(parseMapping(MAPPING, 'county-court.yaml', VOCABULARY), { protocol: 'csv', folder });
  exported('orders-2026-11-22.csv', `${HEADER}${HER_ROW}${OTHER_ROW}END,2\r\n`);
});

afterEach(() => rmSync(folder, { recursive: true }));

function exported(name: string, text: string | Buffer): void {
  writeFileSync(join(folder, name), text);
}

const order = (localId = '2026-PO-0311') => ask(source, question(localId, FULL));
const hearing = () => ask(source, question('2026-PO-0311', ['legal_case.hearing', 'legal_case.charge']));
const title = async (localId?: string) => (await order(localId))['protection_order.order'];

describe('a court’s nightly files', () => {
  it('answer each field cut to its level', async () => {
    expect(await order()).toEqual(HERS);
    expect(await ask(source, question('2026-PO-0311', [['protection_order.issued', 'year']]))).toEqual({
      'protection_order.issued': '2026',
    });
    expect(await order('2026-PO-0312')).toMatchObject({
      'protection_order.expires': undefined,
      'protection_order.firearm_bar': false,
    });
  });

  it('answer absent for a docket that is not there, whatever its spelling', async () => {
    for (const docket of ['2026-PO-0313', '2026-po-0311', '2026-PO-0311 ', '"2026-PO-0311"', 'docket', 'END', '', '*'])
      expect(Object.values(await order(docket)).every((value) => value === undefined)).toBe(true);
  });

  it('are the newest that is new enough, by the date in its name', async () => {
    exported('orders-2026-11-21.csv', `${HEADER}${HER_ROW.replace('final', 'older')}END,1\r\n`);
    exported('orders-2026-11-25.csv', `${HEADER}${HER_ROW.replace('final', 'from the future')}END,1\r\n`);
    exported('orders-latest.csv', `${HEADER}${HER_ROW.replace('final', 'undated')}END,1\r\n`);
    expect(await title()).toBe('Order of protection, final');
    rmSync(join(folder, 'orders-2026-11-22.csv'));
    expect(await title()).toBe('Order of protection, older');
    rmSync(join(folder, 'orders-2026-11-21.csv'));
    exported('orders-2026-11-19.csv', `${HEADER}${HER_ROW}END,1\r\n`);
    expect(await faultOf(order())).toBe('SOURCE_UNREACHABLE');
  });

  it('are passed over until they are finished', async () => {
    const whole = `${HEADER}${HER_ROW.replace('final', 'newer')}${OTHER_ROW}END,2\r\n`;
    // The last line break may be missing; nothing else may.
    for (let end = 0; end < whole.length - 2; end += end < whole.length - 40 ? 9 : 1) {
      exported('orders-2026-11-23.csv', whole.slice(0, end));
      expect(await title()).toBe('Order of protection, final');
    }
    exported('orders-2026-11-23.csv', whole);
    expect(await title()).toBe('Order of protection, newer');
  });

  it('are passed over until their marker stands beside them', async () => {
    const rows =
      'docket;day;kind;charge\n2026-PO-0311;2026-12-01;next;Assault\n2026-PO-0311;2026-10-01;past;Stalking\n';
    exported('hearings-20261122.txt', rows);
    expect(await faultOf(hearing())).toBe('SOURCE_UNREACHABLE');
    exported('hearings-20261122.txt.done', '');
    expect(await hearing()).toEqual({
      'legal_case.hearing': '2026-12-01',
      'legal_case.charge': ['Assault', 'Stalking'],
    });
  });

  it('hold text: what a spreadsheet would run is passed on as it stands, or is no date', async () => {
    const formulas = [
      '=HYPERLINK("http://evil.example","x")',
      "=cmd|' /C calc'!A0",
      '+1+1',
      '@SUM(A1)',
      '-2+3',
      '\t=1',
    ];
    for (const formula of formulas) {
      exported(
        'orders-2026-11-22.csv',
        `${HEADER}2026-PO-0311,"${formula.replaceAll('"', '""')}",=TODAY(),11/02/2027,=TRUE(),none,x\r\nEND,1\r\n`,
      );
      expect(await order()).toMatchObject({
        'protection_order.order': formula.trim(),
        'protection_order.issued': undefined,
        'protection_order.firearm_bar': undefined,
      });
    }
  });

  it('give back any text that a court can write', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1 }), async (written) => {
        fc.pre(written.trim() !== '');
        exported('orders-2026-11-22.csv', `${HEADER}2026-PO-0311,"${written.replaceAll('"', '""')}",,,,,\r\nEND,1\r\n`);
        expect(await title()).toBe(written.trim());
      }),
      { numRuns: 50 },
    );
  });
});

describe('a file that is no answer', () => {
  it.each<[string, string, string | Buffer]>([
    ['two rows where a person has one', 'SOURCE_GARBAGE', `${HEADER}${HER_ROW}${HER_ROW}END,2\r\n`],
    ['a column twice', 'SOURCE_GARBAGE', `${HEADER.replace('restrained', 'title')}${HER_ROW}END,1\r\n`],
    ['a column missing', 'SOURCE_GARBAGE', `${HEADER.replace('issued', 'given')}${HER_ROW}END,1\r\n`],
    ['more after its end', 'SOURCE_GARBAGE', `${HEADER}${HER_ROW}END,1\r\n${OTHER_ROW}`],
    ['too large', 'SOURCE_TOO_LARGE', `${HEADER}${OTHER_ROW.repeat(5_000)}END,5000\r\n`],
    ['fewer rows than it says', 'SOURCE_UNREACHABLE', `${HEADER}${HER_ROW}END,2\r\n`],
    ['a row too short', 'SOURCE_UNREACHABLE', `${HEADER}2026-PO-0311,Order\r\nEND,1\r\n`],
    ['a quotation mark that is never closed', 'SOURCE_UNREACHABLE', `${HEADER}2026-PO-0311,"Order,,,,,\r\nEND,1\r\n`],
    ['bytes that are no UTF-8', 'SOURCE_UNREACHABLE', Buffer.from([0xff, 0xfe, 0x00])],
    ['nothing', 'SOURCE_UNREACHABLE', ''],
  ])('%s: %s', async (_, code, text) => {
    exported('orders-2026-11-22.csv', text);
    expect(await faultOf(order())).toBe(code);
  });

  it('of another kind: rows that differ in length under a marker', async () => {
    exported('hearings-20261122.txt', 'docket;day;kind;charge\n2026-PO-0311;2026-12-01;next\n');
    exported('hearings-20261122.txt.done', '');
    expect(await faultOf(ask(source, question('2026-PO-0311', ['legal_case.hearing'])))).toBe('SOURCE_GARBAGE');
  });

  it('elsewhere: links and folders are not followed, and a missing folder is no answer', async () => {
    const secret = join(folder, 'elsewhere');
    mkdirSync(secret);
    writeFileSync(join(secret, 'x.csv'), `${HEADER}${HER_ROW}END,1\r\n`);
    rmSync(join(folder, 'orders-2026-11-22.csv'));
    symlinkSync(join(secret, 'x.csv'), join(folder, 'orders-2026-11-22.csv'));
    expect(await faultOf(order())).toBe('SOURCE_UNREACHABLE');
    rmSync(join(folder, 'orders-2026-11-22.csv'));
    mkdirSync(join(folder, 'orders-2026-11-22.csv'));
    expect(await faultOf(order())).toBe('SOURCE_UNREACHABLE');
    const nowhere = connect(parseMapping(MAPPING, 'm.yaml', VOCABULARY), {
      protocol: 'csv',
      folder: join(folder, 'nowhere'),
    });
    expect(await faultOf(ask(nowhere, question('2026-PO-0311', FULL)))).toBe('SOURCE_UNREACHABLE');
  });
});
