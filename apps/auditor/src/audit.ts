import { parseArgs } from 'node:util';
import { type Checkpoint, LedgerError, type NoteVerifier, parseVerifierKey, parseWitnessKey } from '#ledger';
import { auditConsistency } from './audit-consistency.js';
import { auditExport } from './audit-export.js';
import { auditReceipt } from './audit-receipt.js';
import { auditTiles } from './audit-tiles.js';
import { isSystemError, readText, TooLong } from './files.js';
import { Damaged, openNote, type Trusted } from './open-note.js';
import { asAudited, type Audited, type Finding } from './verdict.js';

export type { Audited } from './verdict.js';

const HELP = `auditor verify EXPORT [--key KEY] [--against NOTE]…
auditor tiles FOLDER --key KEY [--against NOTE]…
auditor receipt FILE --key KEY [--in EXPORT or FOLDER]
auditor consistency NOTE NOTE --key KEY [--proof FILE | --tiles FOLDER]

Checks what a log gave away from its bytes alone: no network, no database, no word of its operator.
EXPORT is a file, or - for standard input. FOLDER has the tiles of a log and the checkpoint beside
them. NOTE is a file with one signed checkpoint. A receipt FILE is what somebody was given for an
entry, alone or with a proof.

  --key KEY       the key by which the log's checkpoints verify, as its operator published it
                  (name+id+key). Without it the word of an export is taken for its key.
  --against NOTE  a checkpoint that somebody else kept, a witness say: the log must still hold it
  --witness KEY   the key of a witness (name+id+key); as often as there are
  --quorum N      how many of them must have cosigned; without it, all
  --in, --tiles, --proof  where to look for what a receipt or two checkpoints do not show alone
  --json          one JSON object instead of text

It ends with
  0  sound, and signed and cosigned as asked
  1  damaged: the first bad index and what is wrong with it are printed
  2  not understood: the command or a key is not right
  3  not read: a file is not there or cannot be read
  4  sound in itself, but not all of it is vouched for as asked
  5  the log contradicts itself: it signed something else before (forked), or more (rolled-back)
`;

/**
 * Runs the auditor's command line.
 *
 * @example
 * const { code, text } = await audit(['verify', 'ledger.ndjson', '--key', key], process.stdin);
 */
export async function audit(words: readonly string[], input: AsyncIterable<Uint8Array>): Promise<Audited> {
  const command = parse(words);
  if (command.kind === 'help') return { code: 0, text: HELP };
  if (command.kind === 'not understood') return { code: 2, text: `${command.why}\n\n${HELP}` };
  try {
    return asAudited(await carryOut(command, input), command.json);
  } catch (error) {
    if (error instanceof Damaged) return asAudited(error.finding, command.json);
    if (error instanceof TooLong)
      return asAudited(new Damaged('too-long', 'a file', error.message).finding, command.json);
    if (isSystemError(error)) return { code: 3, text: `${fileOf(error, command)} cannot be read: ${error.code}\n` };
    throw error;
  }
}

type Command = {
  readonly trusted: Trusted | undefined;
  readonly witnesses: Trusted['witnesses'];
  readonly quorum: number;
  readonly against: readonly string[];
  readonly json: boolean;
} & (
  | { readonly kind: 'verify'; readonly path: string; readonly key: NoteVerifier | undefined }
  | { readonly kind: 'tiles'; readonly path: string; readonly trusted: Trusted }
  | { readonly kind: 'receipt'; readonly path: string; readonly trusted: Trusted; readonly within: string | undefined }
  | {
      readonly kind: 'consistency';
      readonly path: string;
      readonly other: string;
      readonly trusted: Trusted;
      readonly proof: string | undefined;
      readonly tiles: string | undefined;
    }
);

type Parsed = Command | { readonly kind: 'help' } | { readonly kind: 'not understood'; readonly why: string };

async function carryOut(command: Command, input: AsyncIterable<Uint8Array>): Promise<Finding> {
  const { trusted, witnesses, quorum, against } = command;
  const held: Checkpoint[] = [];
  if (trusted !== undefined) for (const note of against) held.push(openNote(await readText(note), note, trusted));
  switch (command.kind) {
    case 'verify':
      return auditExport({ path: command.path, key: command.key, held, witnesses, quorum }, input);
    case 'tiles':
      return auditTiles(command.path, command.trusted, held);
    case 'receipt':
      return auditReceipt(command.path, command.within, command.trusted);
    case 'consistency': {
      const { path, other, proof, tiles } = command;
      return auditConsistency({ notes: [path, other], proof, tiles }, command.trusted);
    }
  }
}

function parse(words: readonly string[]): Parsed {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        key: { type: 'string' },
        against: { type: 'string', multiple: true },
        witness: { type: 'string', multiple: true },
        quorum: { type: 'string' },
        in: { type: 'string' },
        proof: { type: 'string' },
        tiles: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help === true) return { kind: 'help' };
    const key = values.key === undefined ? undefined : parseVerifierKey(values.key);
    const witnesses = (values.witness ?? []).map(parseWitnessKey);
    const quorum = /^[1-9]\d?$/.test(values.quorum ?? '1') ? Number(values.quorum ?? witnesses.length) : Infinity;
    if (quorum > witnesses.length) return notUnderstood('the quorum is a number, of witnesses whose keys are given');
    const { against = [], json = false, in: within, proof, tiles } = values;
    const trusted = key === undefined ? undefined : { key, witnesses, quorum };
    const common = { witnesses, quorum, against, json };
    const [kind, path, other, ...more] = positionals;
    if (path === undefined || more.length > 0) return notUnderstood('say what to look at');
    if ((kind === 'consistency') !== (other !== undefined)) return notUnderstood('consistency is between two notes');
    if (within !== undefined && kind !== 'receipt') return notUnderstood('--in is for receipts');
    if ((proof ?? tiles) !== undefined && kind !== 'consistency')
      return notUnderstood('--proof and --tiles are for consistency');
    if (against.length > 0 && kind !== 'verify' && kind !== 'tiles')
      return notUnderstood('--against is for exports and tiles');
    if (kind === 'verify') {
      if (against.length > 0 && key === undefined) return notUnderstood('--against needs --key');
      return { kind, path, key, trusted, ...common };
    }
    if (trusted === undefined) return notUnderstood('--key is needed: nothing else says whose log this is');
    if (kind === 'tiles') return { kind, path, trusted, ...common };
    if (kind === 'receipt') return { kind, path, trusted, within, ...common };
    if (kind === 'consistency' && other !== undefined) return { kind, path, other, trusted, proof, tiles, ...common };
    return notUnderstood('say what to look at: an export, tiles, a receipt, or two checkpoints');
  } catch (error) {
    if (error instanceof LedgerError || isArgumentError(error)) return notUnderstood(error.message);
    throw error;
  }
}

function notUnderstood(why: string): Parsed {
  return { kind: 'not understood', why };
}

function fileOf(error: object, { path }: Command): string {
  return 'path' in error && typeof error.path === 'string' ? error.path : path;
}

function isArgumentError(error: unknown): error is { readonly message: string } {
  if (typeof error !== 'object' || error === null || !('code' in error) || !('message' in error)) return false;
  return String(error.code).startsWith('ERR_PARSE_ARGS');
}
