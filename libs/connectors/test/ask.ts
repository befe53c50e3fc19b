import { readFileSync } from 'node:fs';
import type { Source, SourceRequest } from '#disclosure';
import {
  type EntryId,
  type FieldName,
  type HandleId,
  instantOf,
  levelNamed,
  parseVocabulary,
  type Value,
} from '#terms';
import { ConnectorError, type ConnectorErrorCode } from '../src/error.js';

export const VOCABULARY = parseVocabulary(readFileSync('policies/vocabulary.yaml', 'utf8'), 'policies/vocabulary.yaml');
export const NOW = instantOf(Date.UTC(2026, 10, 22, 12));

/** A question for these fields at these levels; `full` where only a name is given. */
export function question(
  localId: string,
  fields: readonly (string | readonly [string, string])[],
  deadline = 5_000,
): SourceRequest {
  const levels = fields.map((each): readonly [string, string] => (typeof each === 'string' ? [each, 'full'] : each));
  return {
    decision: '00112233445566778899aabbccddeeff' as EntryId,
    subject: 'handle' as HandleId,
    localId,
    fields: new Map(
      levels.map(([name, level]) => {
        const field = VOCABULARY.fields.get(name as FieldName);
        if (field === undefined) throw new Error(`no field ${name}`);
        return [field.name, levelNamed(field, level)];
      }),
    ),
    at: NOW,
    deadline,
  };
}

/** What a source answers, field by field; `undefined` where no value is present. */
export async function ask(
  source: Source,
  request: SourceRequest,
  signal = new AbortController().signal,
): Promise<Record<string, Value | undefined>> {
  const answer = await source.answer(request, signal);
  return Object.fromEntries([...answer].map(([name, field]) => [name, 'value' in field ? field.value : undefined]));
}

/** The code with which asking fails, or what was answered where it did not. */
export async function faultOf(answer: Promise<unknown>): Promise<ConnectorErrorCode | { answered: unknown }> {
  try {
    return { answered: await answer };
  } catch (error) {
    if (error instanceof ConnectorError) return error.code;
    throw error;
  }
}
