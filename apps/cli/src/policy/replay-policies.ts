import { readFile, stat } from 'node:fs/promises';
import { type Bundle, parseRecorded, PolicyError, type Recorded, replay, type Replayed } from '#policy';
import type { Instant } from '#terms';
import { type Answer, UsageError } from '../answer.js';
import { counted } from './counted.js';
import { readPolicies } from './read-policies.js';

const MOST_BYTES = 256 * 1024 * 1024;
const MOST_NAMED = 5;

/** From one instant up to another, that one included. */
export interface Stretch {
  readonly from: Instant;
  readonly until: Instant;
}

/** `postern policy replay`: what recorded decisions would have been; exit code 1 where one differs or is unknown. */
export async function replayPolicies(folder: string, records: string | undefined, stretch?: Stretch): Promise<Answer> {
  const bundle = await readPolicies(folder);
  if (records === undefined) throw new UsageError('which decisions? `--records decisions.ndjson`, one on each line');
  const all = await readRecords(records, bundle);
  const recorded = stretch === undefined ? all : all.filter((one) => isWithin(one, stretch));
  const replayed = replay(bundle, recorded);
  const of = (kind: Replayed['verdict']['kind']): readonly Replayed[] =>
    replayed.filter(({ verdict }) => verdict.kind === kind);
  const [gained, lost, unknown] = [of('gained'), of('lost'), of('unknown')];
  const isSame = gained.length + lost.length + unknown.length === 0;
  return {
    exitCode: isSame ? 0 : 1,
    lines: [
      ...grouped('GAINED ', gained),
      ...grouped('LOST   ', lost),
      ...grouped('UNKNOWN', unknown),
      `${counted(replayed.length, 'field')} of ${counted(recorded.length, 'decision')}: ${of('same').length} the same, ${gained.length} gained, ${lost.length} lost, ${unknown.length} unknown`,
    ],
    json: {
      digest: bundle.digest,
      decisions: recorded.length,
      same: of('same').length,
      gained,
      lost,
      unknown,
    },
  };
}

function isWithin({ at, decision }: Recorded, { from, until }: Stretch): boolean {
  if (at === undefined) throw new UsageError(`nobody knows when ${decision} was decided: the record lacks \`at\``);
  return from <= at && at <= until;
}

async function readRecords(path: string, bundle: Bundle): Promise<readonly Recorded[]> {
  const text = await readText(path);
  return text.split('\n').flatMap((line, at) => {
    if (line.trim() === '') return [];
    try {
      return [parseRecorded(JSON.parse(line) as unknown, bundle)];
    } catch (error) {
      const reason = error instanceof PolicyError ? error.message : 'is not JSON';
      throw new UsageError(`${path}:${at + 1}: ${reason}`, { cause: error });
    }
  });
}

async function readText(path: string): Promise<string> {
  try {
    if ((await stat(path)).size > MOST_BYTES) throw new UsageError(`${path} is larger than 256 MiB`);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`cannot read ${path}`, { cause: error });
  }
}

function grouped(head: string, replayed: readonly Replayed[]): readonly string[] {
  const groups = Map.groupBy(replayed, ({ field, was, verdict }) => `${field}: ${was} → ${becomes(verdict)}`);
  return [...groups].map(([words, own]) => {
    const names = own.slice(0, MOST_NAMED).map(({ decision }) => decision);
    const more = own.length - names.length;
    return `${head} ${words}, in ${counted(own.length, 'decision')}: ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  });
}

function becomes(verdict: Replayed['verdict']): string {
  switch (verdict.kind) {
    case 'same':
      return 'the same';
    case 'gained':
    case 'lost':
      return verdict.is;
    case 'unknown':
      if (verdict.least === undefined) return 'not known';
      return verdict.least === verdict.most
        ? `${verdict.least}, on another scale`
        : `${verdict.least} to ${verdict.most}`;
    default:
      return verdict satisfies never;
  }
}
