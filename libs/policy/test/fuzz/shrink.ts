import type { Input } from './draw-input.js';

const MOST_ATTEMPTS = 400;

/** The input with as many files, situations and lines left out as can be while it stays as wrong as it is. */
export async function shrink(input: Input, isStillWrong: (input: Input) => Promise<boolean>): Promise<Input> {
  let smallest = input;
  let attempts = 0;
  const keep = async (smaller: Input): Promise<boolean> => {
    if (attempts >= MOST_ATTEMPTS) return false;
    attempts += 1;
    const isWrong = await isStillWrong(smaller);
    if (isWrong) smallest = smaller;
    return isWrong;
  };
  for (let at = smallest.given.length - 1; at >= 0; at -= 1)
    await keep({ ...smallest, given: smallest.given.toSpliced(at, 1) });
  for (let at = smallest.files.length - 1; at >= 0; at -= 1)
    await keep({ ...smallest, files: smallest.files.toSpliced(at, 1) });
  for (const { read, write } of partsOf(smallest)) {
    const lines = (): string[] => read(smallest).split('\n');
    for (let size = Math.ceil(lines().length / 2); size >= 1; size = Math.floor(size / 2))
      for (let from = 0; from < lines().length;) {
        const isGone = await keep(write(smallest, lines().toSpliced(from, size).join('\n')));
        if (!isGone) from += size;
      }
  }
  return smallest;
}

/** A text of the input that lines can be left out of. */
interface Part {
  readonly read: (input: Input) => string;
  readonly write: (input: Input, text: string) => Input;
}

function partsOf({ vocabulary, files, given }: Input): readonly Part[] {
  return [
    ...(vocabulary === undefined
      ? []
      : [
          {
            read: (input: Input) => input.vocabulary ?? '',
            write: (input: Input, text: string) => ({ ...input, vocabulary: text }),
          },
        ]),
    ...files.map((_, at) => ({
      read: (input: Input) => input.files[at]?.text ?? '',
      write: (input: Input, text: string) => ({
        ...input,
        files: input.files.map((file, index) => (index === at ? { ...file, text } : file)),
      }),
    })),
    ...given.map((_, at) => ({
      read: (input: Input) => input.given[at] ?? '',
      write: (input: Input, text: string) => ({ ...input, given: input.given.with(at, text) }),
    })),
  ];
}
