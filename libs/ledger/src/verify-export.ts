import { type Checkpoint, openCheckpoint } from './checkpoint.js';
import { type CosignedCheckpoint, openCosigned, type WitnessVerifier } from './cosignature.js';
import { decodeErasure } from './erasure.js';
import { LedgerError } from './error.js';
import { EntryLine, HeadLine, parseEntryLine, parseHeadLine, parseTileLine, TileLine } from './export.js';
import { commitmentTo, decodeHeader, ERASURE, FILLER, leafOf } from './header.js';
import { EMPTY_HEAD, grow, Head, TILE_WIDTH } from './merkle.js';
import { encodeVerifierKey, NoteVerifier, parseVerifierKey } from './note.js';
import { commitsToNothing } from './seal.js';

/** What can be wrong with an export, each with a name of its own. */
export type Damage =
  | 'not-an-export' // the first line is not a head line
  | 'head-line-altered' // the head line's root is not the one that was signed
  | 'another-key' // the head line names another key than the one that was given
  | 'checkpoint-not-signed' // a checkpoint does not verify by the key
  | 'cosignature-altered' // a witness that is known is named, and did not cosign this
  | 'checkpoint-of-another-log' // its origin is not the export's
  | 'checkpoint-out-of-order' // of a size that is not larger than the one before
  | 'checkpoint-beyond-end' // it vouches for more entries than the export says there are: the end was cut off
  | 'line-malformed' // a line that is none, or not in its one right form
  | 'entry-missing' // an index is left out
  | 'entry-repeated' // an index comes again, or out of order
  | 'tile-line-misplaced' // a tile's root stands where none belongs, or is missing
  | 'header-malformed' // the header is not one
  | 'leaf-altered' // header or leaf was changed: the one does not follow from the other
  | 'commitment-altered' // the leaf was made from the content, the commitment not
  | 'content-altered' // salt or ciphertext was changed
  | 'content-missing' // neither content nor an erasure that says why
  | 'content-not-erased' // an erasure lists it, and it is there
  | 'filler-with-content' // a filler that commits to something
  | 'erasure-malformed' // an erasure that cannot be read, or lists what it cannot erase
  | 'entries-replaced' // entries that fit in themselves but not into the tree
  | 'tile-altered' // a tile's root that the entries and the signed tree contradict
  | 'truncated' // fewer entries than the head line says
  | 'surplus' // more lines than the head line says
  | 'forked' // sound, and not the log of a checkpoint that somebody kept: the log signed two trees
  | 'rolled-back'; // sound, and shorter than a checkpoint that somebody kept

export type ExportVerdict =
  | {
      readonly kind: 'sound';
      readonly origin: string;
      readonly size: number;
      readonly root: Uint8Array;
      /** How many entries a signed checkpoint vouches for; what lies beyond is only consistent in itself. */
      readonly signedSize: number;
      /** How many of them enough witnesses have cosigned; 0 where none were given. */
      readonly witnessedSize: number;
      /** The index of the leaf that was looked for. */
      readonly found: number | undefined;
      readonly checkpoints: number;
      readonly fillers: number;
      readonly erased: number;
    }
  | {
      readonly kind: 'damaged';
      readonly damage: Damage;
      /** The first bad index; absent where the head line is at fault. */
      readonly index: number | undefined;
      /** Where only a range can be named: the index after its last. */
      readonly until: number | undefined;
      readonly message: string;
    };

const LONGEST_LINE = 1 << 24;

/** What else an export is held against. */
export interface HeldAgainst {
  /** Checkpoints of this log that somebody else kept, a witness say, their signatures verified. */
  readonly held?: readonly Checkpoint[];
  /** Whose cosignatures count, and how many of them are enough. */
  readonly witnesses?: readonly WitnessVerifier[];
  readonly quorum?: number;
  /** A leaf to look for, of a receipt. */
  readonly leaf?: Uint8Array;
}

/**
 * Checks an export from its bytes alone, by one reading and in little memory: every entry in itself, every tile, every
 * signed checkpoint, and that what is absent was erased. Without `key`, the key that the export itself names is taken,
 * which shows accidents but not a forger.
 *
 * @example
 * const verdict = await verifyExport(createReadStream('ledger.ndjson'), parseVerifierKey(vkey));
 */
export async function verifyExport(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  key?: NoteVerifier,
  against: HeldAgainst = {},
): Promise<ExportVerdict> {
  let reading: Reading | undefined;
  try {
    for await (const line of linesOf(chunks)) {
      if (reading === undefined) reading = new Reading(headOf(line), key, against);
      else reading.take(line);
    }
    if (reading === undefined) throw new Damaged('not-an-export', undefined, 'there is no line in it');
    return reading.end();
  } catch (error) {
    if (error instanceof Damaged) return reading?.blame(error) ?? error.verdict();
    throw error;
  }
}

class Damaged extends Error {
  readonly damage: Damage;
  readonly index: number | undefined;
  readonly until: number | undefined;

  constructor(damage: Damage, index: number | undefined, message: string, until?: number) {
    super(message);
    this.damage = damage;
    this.index = index;
    this.until = until;
  }

  verdict(): ExportVerdict {
    const { damage, index, until, message } = this;
    return { kind: 'damaged', damage, index, until, message };
  }
}

/** One reading of one export, from its first entry to its last. */
class Reading {
  readonly #headLine: HeadLine;
  readonly #checkpoints: readonly CosignedCheckpoint[];
  readonly #against: HeldAgainst;
  /** Kept by somebody else, the smallest first; those that the reading has not come to yet. */
  readonly #held: Checkpoint[];
  #tree: Head = EMPTY_HEAD;
  /** Leaves that are not yet in the tree. */
  #leaves: Uint8Array[] = [];
  #nextCheckpoint = 0;
  /** How many entries a signed checkpoint has confirmed so far. */
  #signed = 0;
  #witnessed = 0;
  #found: number | undefined;
  /** The first kept checkpoint that these entries are not of. Only where they are the signed ones is it a fork. */
  #forked: Damaged | undefined;
  #tileRoot: Uint8Array | undefined;
  /** A tile whose root the entries contradict: the next checkpoint tells which of them is wrong. */
  #doubtful: number | undefined;
  readonly #absent = new Set<number>();
  /** Each erased index, and the erasure that lists it. */
  readonly #erased = new Map<number, number>();
  readonly #erasures = new Set<number>();
  #fillers = 0;

  constructor(headLine: HeadLine, key: NoteVerifier | undefined, against: HeldAgainst) {
    this.#headLine = headLine;
    this.#against = against;
    this.#checkpoints = checkpointsOf(headLine, keyFor(headLine, key), against.witnesses ?? []);
    this.#held = (against.held ?? []).toSorted((a, b) => a.size - b.size);
    this.#meetCheckpoint();
  }

  get #size(): number {
    return this.#tree.size + this.#leaves.length;
  }

  take(line: string): void {
    const index = this.#size;
    if (this.#tileRoot !== undefined) {
      this.#takeTile(parseTileLine(line), index);
      return;
    }
    if (index === this.#headLine.size) throw new Damaged('surplus', index, 'lines follow after the last entry');
    const entry = parseEntryLine(line);
    if (entry === undefined) {
      const misplaced = parseTileLine(line) !== undefined;
      throw new Damaged(misplaced ? 'tile-line-misplaced' : 'line-malformed', index, 'this line is not an entry');
    }
    if (entry.seq > index) throw new Damaged('entry-missing', index, `after it comes ${entry.seq}`);
    if (entry.seq < index) throw new Damaged('entry-repeated', index, `in its place comes ${entry.seq}`);
    this.#check(entry);
    if (this.#against.leaf !== undefined && same(this.#against.leaf, entry.leaf)) this.#found ??= index;
    this.#leaves.push(entry.leaf);
    this.#integrate();
  }

  #check({ seq, leaf, header, commitment, content }: EntryLine): void {
    const type = typeIn(header, seq);
    const committed = content === undefined ? undefined : commitmentTo(content.salt, content.ciphertext);
    if (!same(leafOf(header, commitment), leaf)) {
      if (committed !== undefined && same(leafOf(header, committed), leaf)) {
        throw new Damaged('commitment-altered', seq, 'the commitment is not that of content and leaf');
      }
      throw new Damaged('leaf-altered', seq, 'the leaf does not follow from header and commitment');
    }
    if (type === FILLER) {
      this.#fillers += 1;
      if (content !== undefined || !commitsToNothing(commitment)) {
        throw new Damaged('filler-with-content', seq, 'a filler commits to nothing');
      }
      return;
    }
    if (content === undefined || committed === undefined) {
      this.#absent.add(seq);
      return;
    }
    if (!same(committed, commitment)) throw new Damaged('content-altered', seq, 'the content is not the committed one');
    if (type === ERASURE) this.#noteErasure(seq, content.ciphertext);
  }

  #noteErasure(seq: number, content: Uint8Array): void {
    this.#erasures.add(seq);
    try {
      for (const index of decodeErasure(content)) {
        if (index >= seq) throw new Damaged('erasure-malformed', seq, `it lists ${index}, which comes after it`);
        const before = this.#erased.get(index);
        if (before !== undefined)
          throw new Damaged('erasure-malformed', seq, `it lists ${index}, which ${before} has erased`);
        // THREAT: a list that is itself erased would say no more whose content went by whose word.
        if (this.#erasures.has(index))
          throw new Damaged('erasure-malformed', seq, `it lists ${index}, which is an erasure`);
        this.#erased.set(index, seq);
      }
    } catch (error) {
      if (error instanceof LedgerError) throw new Damaged('erasure-malformed', seq, error.message);
      throw error;
    }
  }

  /** Puts leaves into the tree wherever there is something to compare it with: a tile, a checkpoint, the end. */
  #integrate(): void {
    const size = this.#size;
    const checkpoint = this.#checkpoints[this.#nextCheckpoint];
    const isMet = size === checkpoint?.size || size === this.#held[0]?.size;
    if (size % TILE_WIDTH !== 0 && !isMet && size !== this.#headLine.size) return;
    const { head, tiles } = grow(this.#tree, this.#leaves);
    this.#tree = head;
    this.#leaves = [];
    this.#tileRoot = tiles.find(({ level }) => level === 0)?.root;
    if (this.#tileRoot === undefined) this.#meetCheckpoint();
  }

  #takeTile(line: TileLine | undefined, end: number): void {
    const tile = end / TILE_WIDTH - 1;
    if (line?.tile !== tile) {
      throw new Damaged(
        'tile-line-misplaced',
        end - TILE_WIDTH,
        'the root of the tile that ends here is not here',
        end,
      );
    }
    if (!same(line.root, this.#tileRoot!)) this.#doubtful ??= tile;
    this.#tileRoot = undefined;
    this.#meetCheckpoint();
  }

  #meetCheckpoint(): void {
    this.#meetHeld();
    const checkpoint = this.#checkpoints[this.#nextCheckpoint];
    if (checkpoint?.size !== this.#tree.size) return;
    if (!same(checkpoint.root, this.#tree.root)) throw this.#replaced(`the checkpoint of size ${checkpoint.size}`);
    // What is signed is right: a tile's root that says otherwise is what was changed.
    if (this.#doubtful !== undefined) throw this.#tileAltered(this.#doubtful);
    this.#signed = checkpoint.size;
    if (checkpoint.cosignatures.length >= (this.#against.quorum ?? 1)) this.#witnessed = checkpoint.size;
    this.#nextCheckpoint += 1;
  }

  #meetHeld(): void {
    for (let [held] = this.#held; held?.size === this.#tree.size; [held] = this.#held) {
      this.#held.shift();
      if (same(held.root, this.#tree.root)) this.#signed = Math.max(this.#signed, held.size);
      else this.#forked ??= new Damaged('forked', this.#signed, 'the log signed another tree before', held.size);
    }
  }

  #replaced(witness: string): Damaged {
    const tile = this.#doubtful;
    const from = tile === undefined ? this.#signed : Math.max(this.#signed, tile * TILE_WIDTH);
    const to = tile === undefined ? this.#tree.size : (tile + 1) * TILE_WIDTH;
    return new Damaged(
      'entries-replaced',
      from,
      `these entries are not those of ${witness}`,
      Math.min(to, this.#tree.size),
    );
  }

  #tileAltered(tile: number): Damaged {
    const [from, to] = [tile * TILE_WIDTH, (tile + 1) * TILE_WIDTH];
    return new Damaged('tile-altered', from, 'the root of this tile is not that of its entries', to);
  }

  /** Where a later damage ended the reading, an earlier one that was still in doubt comes first. */
  blame(damaged: Damaged): ExportVerdict {
    const tile = this.#doubtful;
    const isEarlier = tile !== undefined && (damaged.index ?? Infinity) >= (tile + 1) * TILE_WIDTH;
    return (isEarlier ? this.#replaced('their tile') : damaged).verdict();
  }

  #vouchedFor(): { signedSize: number; witnessedSize: number; found: number | undefined } {
    return { signedSize: this.#signed, witnessedSize: this.#witnessed, found: this.#found };
  }

  end(): ExportVerdict {
    const { origin, size } = this.#headLine;
    const read = this.#size;
    if (this.#tileRoot !== undefined) this.#takeTile(undefined, read);
    if (read < size) throw new Damaged('truncated', read, `${size} entries were to come`);
    if (!same(this.#headLine.root, this.#tree.root)) {
      if (this.#signed === size) throw new Damaged('head-line-altered', undefined, 'its root is not the signed one');
      throw this.#replaced('the head');
    }
    if (this.#doubtful !== undefined) throw this.#tileAltered(this.#doubtful);
    const missing = [...this.#absent].find((index) => !this.#erased.has(index));
    if (missing !== undefined) throw new Damaged('content-missing', missing, 'no erasure says why it is absent');
    const kept = [...this.#erased.keys()].filter((index) => !this.#absent.has(index));
    if (kept.length > 0) {
      throw new Damaged('content-not-erased', Math.min(...kept), 'an erasure lists it, and its content is there');
    }
    if (this.#forked !== undefined) throw this.#forked;
    const larger = this.#held.at(-1);
    if (larger !== undefined) {
      const message = `the log signed ${larger.size} entries before, and shows ${size} now`;
      throw new Damaged('rolled-back', size, message, larger.size);
    }
    const counted = { checkpoints: this.#checkpoints.length, fillers: this.#fillers, erased: this.#erased.size };
    return { kind: 'sound', origin, size, root: this.#tree.root, ...this.#vouchedFor(), ...counted };
  }
}

function headOf(line: string): HeadLine {
  const headLine = parseHeadLine(line);
  if (headLine === undefined) throw new Damaged('not-an-export', undefined, 'the first line is not a head line');
  return headLine;
}

function keyFor({ key }: HeadLine, given: NoteVerifier | undefined): NoteVerifier {
  if (given !== undefined) {
    if (encodeVerifierKey(given) === key) return given;
    throw new Damaged('another-key', undefined, 'the head line names another key than the one given');
  }
  try {
    return parseVerifierKey(key);
  } catch {
    throw new Damaged('not-an-export', undefined, 'the head line names no key');
  }
}

function checkpointsOf(
  { origin, size, checkpoints }: HeadLine,
  key: NoteVerifier,
  witnesses: readonly WitnessVerifier[],
): readonly CosignedCheckpoint[] {
  const opened: CosignedCheckpoint[] = [];
  for (const note of checkpoints) {
    const checkpoint = open(note, key, witnesses);
    if (checkpoint.origin !== origin) {
      throw new Damaged('checkpoint-of-another-log', undefined, 'a checkpoint has another origin');
    }
    if (checkpoint.size <= (opened.at(-1)?.size ?? -1)) {
      throw new Damaged('checkpoint-out-of-order', undefined, `the checkpoint of size ${checkpoint.size} comes late`);
    }
    if (checkpoint.size > size) {
      throw new Damaged('checkpoint-beyond-end', size, `a checkpoint vouches for ${checkpoint.size} entries`);
    }
    opened.push(checkpoint);
  }
  return opened;
}

function open(note: string, key: NoteVerifier, witnesses: readonly WitnessVerifier[]): CosignedCheckpoint {
  let damage: Damage = 'checkpoint-not-signed';
  try {
    openCheckpoint(note, [key]);
    damage = 'cosignature-altered';
    return openCosigned(note, [key], witnesses);
  } catch (error) {
    if (error instanceof LedgerError) throw new Damaged(damage, undefined, error.message);
    throw error;
  }
}

function typeIn(header: Uint8Array, seq: number): number {
  try {
    return decodeHeader(header).type;
  } catch (error) {
    if (error instanceof LedgerError) throw new Damaged('header-malformed', seq, error.message);
    throw error;
  }
}

/** The lines, each with its newline; bytes after the last newline are a line too, and never a right one. */
async function* linesOf(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<string> {
  let rest: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      rest.push(chunk.subarray(from, at + 1));
      yield textOf(rest);
      rest = [];
      length = 0;
      from = at + 1;
    }
    rest.push(chunk.subarray(from));
    length += chunk.length - from;
    // A file that is no export must not fill the memory of whoever looks at it.
    if (length > LONGEST_LINE) yield NO_LINE;
  }
  if (length > 0) yield textOf(rest);
}

const NEWLINE = 0x0a;
const NO_LINE = '';

function textOf(parts: readonly Uint8Array[]): string {
  const bytes = parts.length === 1 ? Buffer.from(parts[0]!) : Buffer.concat(parts);
  const text = bytes.toString('utf8');
  // Bytes that are not UTF-8 would be read as the replacement character, as if that had been written.
  return text.includes('\u{FFFD}') ? NO_LINE : text;
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
