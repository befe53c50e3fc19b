import {
  addCosignatures,
  encodeAddCheckpoint,
  LedgerError,
  parseTreeSize,
  readCheckpoint,
  type WitnessVerifier,
} from '#ledger';
import type { Uncosigned } from '#web';

/** A witness, and where it is asked (C2SP tlog-witness). */
export interface WitnessAddress {
  readonly key: WitnessVerifier;
  /** Its submission prefix, such as `https://witness.example/w1`. */
  readonly url: string;
}

/** What became of asking. Nothing in it is believed but lines that verify by the witness's key. */
export type Asked =
  | { readonly kind: 'cosigned'; readonly note: string }
  /** `size` is what it says that it knows, on its word alone. */
  | { readonly kind: 'not cosigned'; readonly reason: Uncosigned; readonly size?: number };

const LONGEST_ANSWER = 65_536;
/** It may have moved on while we asked; a witness that keeps moving is not answering. */
const TRIES = 3;

/**
 * Asks a witness to cosign a checkpoint. `known` is the size it cosigned last, as far as we know; where it says another
 * one, the proof from there is sent. Never throws: a witness that is away, slow, wrong or hostile has not cosigned.
 *
 * @example
 * const asked = await askWitness(witness, note, 0, prove, AbortSignal.timeout(5_000));
 */
export async function askWitness(
  { key, url }: WitnessAddress,
  note: string,
  known: number,
  prove: (from: number, to: number) => Promise<readonly Uint8Array[]>,
  signal: AbortSignal,
): Promise<Asked> {
  const { size } = readCheckpoint(note);
  let from = known;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const proof = from === 0 || from === size ? [] : await prove(from, size);
    const answer = await send(`${url}/add-checkpoint`, encodeAddCheckpoint({ oldSize: from, proof, note }), signal);
    if (answer === undefined) return { kind: 'not cosigned', reason: 'no answer' };
    try {
      if (answer.status === 200) {
        const grown = addCosignatures(note, answer.text, [key]);
        return grown === note ? { kind: 'not cosigned', reason: 'garbage' } : { kind: 'cosigned', note: grown };
      }
      // THREAT: it has seen more of this log than there is. Either it is wrong, or entries that we signed for are gone.
      if (answer.status === 409) {
        from = parseTreeSize(answer.text);
        if (from > size) return { kind: 'not cosigned', reason: 'knows a larger log', size: from };
        continue;
      }
    } catch (error) {
      if (error instanceof LedgerError) return { kind: 'not cosigned', reason: 'garbage' };
      throw error;
    }
    const reason = answer.status === 422 ? 'does not follow from what it knows' : 'refused';
    return { kind: 'not cosigned', reason, size: from };
  }
  return { kind: 'not cosigned', reason: 'refused', size: from };
}

async function send(
  url: string,
  body: string,
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly text: string } | undefined> {
  try {
    // A redirect would send what we sign to somewhere that nobody configured.
    const answer = await fetch(url, { method: 'POST', body, signal, redirect: 'error' });
    const text = await textOf(answer);
    return text === undefined ? undefined : { status: answer.status, text };
  } catch {
    return undefined;
  }
}

/** The body of an answer, and nothing of one that is longer than any right one. */
async function textOf(answer: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of answer.body ?? []) {
    length += chunk.length;
    if (length > LONGEST_ANSWER) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
