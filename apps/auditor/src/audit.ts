import { createReadStream } from 'node:fs';
import { parseArgs } from 'node:util';
import { ExportVerdict, LedgerError, NoteVerifier, parseVerifierKey, verifyExport } from '#ledger';

/** What a run of the auditor prints, and the code with which it ends. */
export interface Audited {
  readonly code: 0 | 1 | 2 | 3 | 4;
  readonly text: string;
}

const HELP = `auditor verify EXPORT [--key KEY] [--json]

Checks an exported ledger from its bytes alone: no network, no database, no word of its operator.
EXPORT is a file, or - for standard input.

  --key KEY   the key by which the log's checkpoints verify, as its operator published it
              (name+id+key). Without it the export's own word is taken for its key.
  --json      one JSON object instead of text

It ends with
  0  sound: every entry fits, and a signed checkpoint vouches for all of them
  1  damaged: the first bad index and what is wrong with it are printed
  2  not understood: the command or the key is not right
  3  not read: the file is not there or cannot be read
  4  sound in itself, but no signed checkpoint vouches for the last entries
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
  const { path, key, json } = command;
  try {
    const verdict = await verifyExport(path === '-' ? input : createReadStream(path), key);
    return { code: codeFor(verdict), text: json ? asJson(verdict, key) : asText(verdict, key) };
  } catch (error) {
    if (isSystemError(error)) return { code: 3, text: `${path} cannot be read: ${error.code}\n` };
    throw error;
  }
}

type Command =
  | { readonly kind: 'verify'; readonly path: string; readonly key: NoteVerifier | undefined; readonly json: boolean }
  | { readonly kind: 'help' }
  | { readonly kind: 'not understood'; readonly why: string };

function parse(words: readonly string[]): Command {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: { key: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
    if (values.help === true) return { kind: 'help' };
    const [verb, path, ...more] = positionals;
    if (verb !== 'verify' || path === undefined || more.length > 0) {
      return { kind: 'not understood', why: 'say which export to verify' };
    }
    const key = values.key === undefined ? undefined : parseVerifierKey(values.key);
    return { kind: 'verify', path, key, json: values.json ?? false };
  } catch (error) {
    if (error instanceof LedgerError || isArgumentError(error)) return { kind: 'not understood', why: error.message };
    throw error;
  }
}

function codeFor(verdict: ExportVerdict): Audited['code'] {
  if (verdict.kind === 'damaged') return 1;
  return verdict.signedSize < verdict.size ? 4 : 0;
}

function asText(verdict: ExportVerdict, key: NoteVerifier | undefined): string {
  if (verdict.kind === 'damaged') {
    return `DAMAGED: ${verdict.damage}${placeOf(verdict.index, verdict.until)}\n  ${verdict.message}\n`;
  }
  const { origin, size, signedSize, checkpoints, fillers, erased } = verdict;
  const lines = [
    `sound: ${size} entries of ${origin}`,
    `  root       ${Buffer.from(verdict.root).toString('base64')}`,
    `  signed     ${signedSize} of ${size} entries, by ${checkpoints} checkpoints`,
    `  fillers    ${fillers}`,
    `  erased     ${erased}`,
  ];
  if (signedSize < size) lines.push(`  nobody vouches for the entries from index ${signedSize} on`);
  if (key === undefined) lines.push('  the key is the one that the export names: give --key to rule out a forger');
  return `${lines.join('\n')}\n`;
}

function placeOf(index: number | undefined, until: number | undefined): string {
  if (index === undefined) return ' in the head line';
  return until === undefined || until === index + 1 ? ` at index ${index}` : ` from index ${index}, before ${until}`;
}

function asJson(verdict: ExportVerdict, key: NoteVerifier | undefined): string {
  if (verdict.kind === 'damaged') {
    const { damage, index = null, until = null, message } = verdict;
    return `${JSON.stringify({ verdict: 'damaged', damage, index, until, message })}\n`;
  }
  const { origin, size, signedSize, checkpoints, fillers, erased } = verdict;
  const root = Buffer.from(verdict.root).toString('base64');
  const keyGiven = key !== undefined;
  const said = { verdict: 'sound', origin, size, root, signedSize, checkpoints, fillers, erased, keyGiven };
  return `${JSON.stringify(said)}\n`;
}

// By their codes and not their classes: Node's own errors may come from another realm than this module.
function isSystemError(error: unknown): error is { readonly code: string } {
  return typeof error === 'object' && error !== null && 'syscall' in error && 'code' in error;
}

function isArgumentError(error: unknown): error is { readonly message: string } {
  if (typeof error !== 'object' || error === null || !('code' in error) || !('message' in error)) return false;
  return String(error.code).startsWith('ERR_PARSE_ARGS');
}
