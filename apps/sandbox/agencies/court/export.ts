import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Misbehaviour } from '../agency.js';
import { DOCKET, type DocketEntry, type Party } from './docket.js';

/** The files of one night end in a line that says how many rows came before: a reader can tell a whole one from half. */
const TRAILER = 'END';

const ORDER_COLUMNS = 'docket,order_type,conditions,issued,served,expires,firearm_bar,next_hearing';
const PARTY_COLUMNS = 'docket,role,name,birth_date';

/** Writes one night's files into a folder, as the court's batch job does, or as it goes wrong. */
export function exportNight(folder: string, night: Date, how: Misbehaviour | undefined): void {
  const day = night.toISOString().slice(0, 10);
  mkdirSync(folder, { recursive: true });
  write(join(folder, `orders-${day}.csv`), orders(how), how);
  write(join(folder, `parties-${day}.csv`), parties(how), how);
}

function orders(how: Misbehaviour | undefined): string {
  const rows = DOCKET.flatMap((entry): readonly DocketEntry[] => {
    switch (how) {
      case 'somebody_else':
        // The number was carried over from the last row: every order stands under somebody else's docket.
        return [{ ...entry, docket: DOCKET.at(-1)?.docket ?? entry.docket }];
      case 'more_than_asked':
        // A table was joined without its key: every order stands under every docket.
        return DOCKET.map((other) => ({ ...other, docket: entry.docket }));
      case 'stall':
      case 'refuse':
      case 'garbage':
      case 'truncate':
      case undefined:
        return [entry];
    }
  });
  return table(ORDER_COLUMNS, rows.map(orderRow));
}

function parties(how: Misbehaviour | undefined): string {
  const entries = how === 'somebody_else' ? DOCKET.slice(-1) : DOCKET;
  return table(
    PARTY_COLUMNS,
    entries.flatMap((entry) => entry.parties.map((party) => partyRow(entry.docket, party))),
  );
}

function orderRow(entry: DocketEntry): string {
  const { docket, orderType, conditions, issued, served, expires, firearmBar, nextHearing } = entry;
  return [docket, orderType, conditions, issued, served, expires, firearmBar ? 'Y' : 'N', nextHearing]
    .map(quoted)
    .join(',');
}

function partyRow(docket: string, { role, name, birthDate }: Party): string {
  return [docket, role, name, birthDate].map(quoted).join(',');
}

function quoted(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

function table(columns: string, rows: readonly string[]): string {
  return [columns, ...rows, `${TRAILER},${rows.length}`, ''].join('\r\n');
}

function write(file: string, text: string, how: Misbehaviour | undefined): void {
  rmSync(file, { force: true });
  switch (how) {
    case 'stall':
      // The job hangs before its first row.
      writeFileSync(file, '');
      return;
    case 'refuse':
      // The job did not run.
      return;
    case 'garbage':
      writeFileSync(file, Buffer.from([0x50, 0x4b, 0x03, 0x04, 0x14, 0x00, 0xff, 0xfe, 0x0a, 0x22, 0x0a]));
      return;
    case 'truncate':
      writeFileSync(file, text.slice(0, text.length >> 1));
      return;
    case 'somebody_else':
    case 'more_than_asked':
    case undefined:
      writeFileSync(`${file}.part`, text);
      renameSync(`${file}.part`, file);
  }
}
