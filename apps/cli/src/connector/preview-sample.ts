import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseMapping, previewMapping, type PreviewedField } from '#connectors';
import { instantOf, parseVocabulary } from '#terms';
import { type Answer, UsageError } from '../answer.js';

const MOST_BYTES_OF_A_FILE = 20 * 1024 * 1024;

/** `postern connector preview`: what would leave of a sample at each level. Asks no source and reads three files. */
export async function previewSample(mappingFile: string, sampleFile: string, vocabularyFile: string): Promise<Answer> {
  const vocabulary = parseVocabulary(await read(vocabularyFile), basename(vocabularyFile));
  const mapping = parseMapping(await read(mappingFile), basename(mappingFile), vocabulary);
  const fields = await previewMapping(mapping, await read(sampleFile), instantOf(Date.now()));
  return { exitCode: 0, lines: fields.flatMap(linesOf), json: { source: mapping.source, fields } };
}

function linesOf({ field, levels, why }: PreviewedField): readonly string[] {
  if (why !== undefined) return [`${field}  absent: ${why}`];
  return [
    field,
    ...levels.map(({ level, value }) => `    ${level}: ${value === undefined ? 'absent' : JSON.stringify(value)}`),
  ];
}

async function read(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > MOST_BYTES_OF_A_FILE) throw new UsageError(`${path} is larger than 20 MiB`);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`cannot read ${path}`, { cause: error });
  }
}
