import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CsvRead } from '../mapping.js';

const A_DAY = 24 * 60 * 60 * 1_000;
/** A file or two may be unfinished; a folder full of them is a fault. */
const MOST_TRIES = 3;

/**
 * Files of one read that are new enough, newest first, by the date in their names: what a copy did to a file's own time
 * says nothing about the night it was exported. Where a marker shows that a file is finished, only marked ones.
 */
export async function filesNewestFirst(folder: string, read: CsvRead, at: number): Promise<readonly string[]> {
  const [before = '', after = ''] = read.file.split('*');
  const names = await readdir(folder).catch(() => []);
  const dated = names.flatMap((name) => {
    if (!name.startsWith(before) || !name.endsWith(after)) return [];
    const day = dayOf(name.slice(before.length, name.length - after.length));
    if (day === undefined || day > at + A_DAY || day + A_DAY + read.notOlderThan < at) return [];
    return [{ name, day }];
  });
  dated.sort((one, other) => other.day - one.day);

  const found: string[] = [];
  for (const { name } of dated) {
    if (found.length === MOST_TRIES) break;
    const path = join(folder, name);
    if (read.finishedBy.kind === 'marker' && !(await isFile(path + read.finishedBy.suffix))) continue;
    found.push(path);
  }
  return found;
}

function dayOf(written: string): number | undefined {
  const [, year, month, day] = /^(\d{4})-?(\d{2})-?(\d{2})$/.exec(written) ?? [];
  const time = Date.UTC(Number(year), Number(month) - 1, Number(day));
  return Number.isNaN(time) ? undefined : time;
}

async function isFile(path: string): Promise<boolean> {
  return lstat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
