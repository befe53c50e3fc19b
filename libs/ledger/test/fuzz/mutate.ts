import type { Draw } from './draw.js';

const NASTY = [
  '',
  '\n',
  '\n\n',
  '\r\n',
  '\0',
  ' ',
  '0',
  '-1',
  '00',
  '1e9',
  '9007199254740993',
  '18446744073709551615',
  '— ',
  '+',
  '=',
  '{}',
  '[[[[[[[[',
  '"seq":0,',
  '__proto__',
  '../',
  'tile/entries/000',
  '\ud800',
  '\u2028',
  'old 0\n',
];

/** Changes bytes as somebody would who is careless, or hostile: cuts, swaps, repeats, replays, blows up. */
export function mutate(good: Uint8Array, others: readonly Uint8Array[], draw: Draw): Buffer {
  let bytes: Buffer = Buffer.from(good);
  for (let left = 1 + draw.below(3); left > 0; left -= 1) bytes = once(bytes, others, draw);
  return bytes;
}

function once(bytes: Buffer, others: readonly Uint8Array[], draw: Draw): Buffer {
  const at = draw.below(bytes.length + 1);
  const to = Math.min(bytes.length, at + draw.below(64));
  const [before, part, after] = [bytes.subarray(0, at), bytes.subarray(at, to), bytes.subarray(to)];
  switch (draw.below(11)) {
    case 0: {
      const flipped = Buffer.from(bytes);
      if (flipped.length > 0) flipped[at % flipped.length]! ^= 2 ** draw.below(8);
      return flipped;
    }
    case 1:
      return before;
    case 2:
      return Buffer.concat([before, after]);
    case 3:
      return Buffer.concat([before, part, part, after]);
    case 4: {
      // A piece of something else that is genuine.
      const other = draw.of(others);
      const from = draw.below(other.length + 1);
      return Buffer.concat([before, other.subarray(from, from + draw.below(400)), after]);
    }
    case 5:
      return swapLines(bytes, draw);
    case 6:
      return repeatLine(bytes, draw);
    case 7:
      return Buffer.concat([before, Buffer.from(draw.of(NASTY)), after]);
    case 8:
      return withNumber(bytes, draw);
    case 9:
      return Buffer.concat([before, Buffer.from([draw.below(256), draw.below(256)]), after]);
    default:
      // Seldom, and then by a lot.
      return draw.below(40) > 0
        ? before
        : Buffer.concat([before, Buffer.alloc(3_000_000, draw.of(['a', '\n', '[', 'A'])), after]);
  }
}

function linesOf(bytes: Buffer): string[] {
  return bytes.toString('latin1').split(/(?<=\n)/);
}

function swapLines(bytes: Buffer, draw: Draw): Buffer {
  const lines = linesOf(bytes);
  const [a, b] = [draw.below(lines.length), draw.below(lines.length)];
  return Buffer.from(lines.with(a, lines[b]!).with(b, lines[a]!).join(''), 'latin1');
}

function repeatLine(bytes: Buffer, draw: Draw): Buffer {
  const lines = linesOf(bytes);
  const at = draw.below(lines.length);
  // What is large already is large enough.
  const often = bytes.length > 1_000_000 ? 2 : draw.of([0, 2, 3, 70]);
  return Buffer.from(lines.toSpliced(at, 1, lines[at]!.repeat(often)).join(''), 'latin1');
}

function withNumber(bytes: Buffer, draw: Draw): Buffer {
  const text = bytes.toString('latin1');
  const numbers = [...text.matchAll(/\d+/g)];
  if (numbers.length === 0) return bytes;
  const { index, 0: number } = draw.of(numbers);
  const other = draw.of([String(Number(number) + 1), String(Number(number) - 1), '0', `${number}0`, '9'.repeat(30)]);
  return Buffer.from(`${text.slice(0, index)}${other}${text.slice(index + number.length)}`, 'latin1');
}
