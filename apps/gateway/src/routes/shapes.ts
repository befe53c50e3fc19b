import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray, ValidateBy } from 'class-validator';
import { Text, WebError } from '#web';

/** The shapes of texts on the wire. Each has an end: nothing here can be used to fill a disk or a log. */
export const HANDLE = /^[A-Za-z0-9_-]{22}$/;
export const ID = /^[0-9a-f]{32}$/;
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
export const SERIAL = /^[0-9A-Fa-f]{1,40}$/;
export const AGENCY = /^[a-z0-9-]{1,63}$/;
const WORD = /^[a-z0-9_.-]{1,64}$/;
const LINE = /^(?=.*\S)[^\p{C}]{1,128}$/u;
const REASON = /^(?=[\s\S]*\S)(?:[^\p{C}]|\n){1,500}$/u;

export const AnAgency = (): PropertyDecorator => Text(AGENCY, 'an agency such as county-police');
export const AHandle = (): PropertyDecorator => Text(HANDLE, 'a handle of your agency');
export const AWord = (): PropertyDecorator => Text(WORD, 'a word of the vocabulary');
/** One line: a name, a number, a title. */
export const ALine = (): PropertyDecorator => Text(LINE, 'a line of 1 to 128 characters');
export const AReason = (): PropertyDecorator => Text(REASON, 'a text of 1 to 500 characters');

/** One of a few words that the API itself has. */
export function OneOf(...words: readonly string[]): PropertyDecorator {
  const known = new Set<unknown>(words);
  const rule = ValidateBy({
    name: 'oneOf',
    constraints: [words],
    validator: {
      validate: (value): boolean => known.has(value),
      defaultMessage: () => `must be one of ${words.join(', ')}`,
    },
  });
  return applyDecorators(rule, ApiProperty({ type: 'string', enum: [...words] }));
}

/** 1 to `most` words of the vocabulary or agencies. */
export function WordList(most: number): PropertyDecorator {
  return applyDecorators(
    IsArray(),
    ArrayMinSize(1),
    ArrayMaxSize(most),
    Text(WORD, 'a word of the vocabulary', { each: true }),
    ApiProperty({ minItems: 1, maxItems: most }),
  );
}

/** A list of no more than `most`. */
export const AtMost = (most: number): PropertyDecorator =>
  applyDecorators(ArrayMaxSize(most), ApiProperty({ maxItems: most }));

/** 1 to `most` words, or `any` for every one there is. */
export function WordsOrAny(most: number): PropertyDecorator {
  const rule = ValidateBy({
    name: 'wordsOrAny',
    validator: {
      validate: (value): boolean => value === 'any' || areWords(value, most),
      defaultMessage: () => `must be any, or a list of 1 to ${most} words`,
    },
  });
  const list = { type: 'array', minItems: 1, maxItems: most, items: { type: 'string', pattern: WORD.source } } as const;
  return applyDecorators(rule, ApiProperty({ oneOf: [list, { type: 'string', enum: ['any'] }] }));
}

/** Each field with its highest level; for a refusal a list of fields, or `any`. */
export function FieldsOfConsent(most: number): PropertyDecorator {
  const rule = ValidateBy({
    name: 'fieldsOfConsent',
    validator: {
      validate: (value): boolean => value === 'any' || areWords(value, most) || areLevels(value, most),
      defaultMessage: () => `must give 1 to ${most} fields, each with its highest level`,
    },
  });
  const list = { type: 'array', minItems: 1, maxItems: most, items: { type: 'string', pattern: WORD.source } } as const;
  const levels = {
    type: 'object',
    minProperties: 1,
    maxProperties: most,
    additionalProperties: { type: 'string', pattern: WORD.source },
  } as const;
  return applyDecorators(rule, ApiProperty({ oneOf: [levels, list, { type: 'string', enum: ['any'] }] }));
}

function areWords(value: unknown, most: number): boolean {
  return Array.isArray(value) && value.length >= 1 && value.length <= most && value.every(isWord);
}

function areLevels(value: unknown, most: number): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  return entries.length >= 1 && entries.length <= most && entries.every(([, level]) => isWord(level));
}

function isWord(value: unknown): boolean {
  return typeof value === 'string' && WORD.test(value);
}

/** A part of the path, of the shape it must have. */
export function inPath(part: string, shape: RegExp): string {
  if (!shape.test(part)) throw new WebError('PATH_INVALID', 'a part of the path does not have the shape it must have');
  return part;
}
