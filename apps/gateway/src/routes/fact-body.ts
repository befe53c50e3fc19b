import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { IsInt, Max, Min, ValidateBy } from 'class-validator';
import type { Agency, CorrectionRequest, FactRequest } from '#disclosure';
import type { Stated, Towards } from '#matching';
import {
  type AgencyId,
  type FactId,
  type FactName,
  type HandleId,
  isDate,
  type OfficerId,
  type UnitId,
  type Vocabulary,
} from '#terms';
import { One, Optional, Text } from '#web';
import { ALine, AnAgency, AReason, AWord } from './shapes.js';
import { Words } from './words.js';

const MOST_WORDS = 20;
const LONGEST_WORD = 64;

class TowardsBody {
  @AnAgency() agency: string;
  @Optional() @ALine() unit?: string;
  @Optional() @ALine() officer?: string;
}

export class FactBody {
  @AWord() fact: string;
  @Optional() @WordOrWords() value?: string | string[];
  /** For what follows from a day, such as her age: the day. */
  @Optional() @Text(/^\d{4}-\d{2}-\d{2}$/, 'a date such as 1991-04-30') date?: string;
  @ApiProperty({ type: 'integer', minimum: 0, maximum: 100_000 })
  @Optional()
  @IsInt()
  @Min(0)
  @Max(100_000)
  count?: number;
  /** For a tie: the agency, unit or officer that it is about. */
  @Optional() @One(() => TowardsBody) towards?: TowardsBody;
  @ALine() basis: string;
  @Optional() @AReason() reason?: string;
  @ApiProperty({ format: 'date-time' })
  @Optional()
  @Text(/^[0-9T:.Z+-]{1,32}$/, 'a moment such as 2026-11-22T14:00:00Z')
  until?: string;
}

class InsteadBody {
  @Optional() @WordOrWords() value?: string | string[];
  @Optional() @Text(/^\d{4}-\d{2}-\d{2}$/, 'a date such as 1991-04-30') date?: string;
  @ApiProperty({ type: 'integer', minimum: 0, maximum: 100_000 })
  @Optional()
  @IsInt()
  @Min(0)
  @Max(100_000)
  count?: number;
  @ALine() basis: string;
  @Optional() @AReason() reason?: string;
  @ApiProperty({ format: 'date-time' })
  @Optional()
  @Text(/^[0-9T:.Z+-]{1,32}$/, 'a moment such as 2026-11-22T14:00:00Z')
  until?: string;
}

export class CorrectionBody {
  @AReason() reason: string;
  /** What the agency states instead; without it, it takes back what it stated. */
  @Optional() @One(() => InsteadBody) instead?: InsteadBody;
}

function WordOrWords(): PropertyDecorator {
  const isWord = (value: unknown): boolean => typeof value === 'string' && value.length <= LONGEST_WORD;
  const rule = ValidateBy({
    name: 'wordOrWords',
    validator: {
      validate: (value): boolean =>
        isWord(value) || (Array.isArray(value) && value.length <= MOST_WORDS && value.every(isWord)),
      defaultMessage: () => `must be a word of the fact, or for some facts a list of them`,
    },
  });
  const word = { type: 'string', maxLength: LONGEST_WORD } as const;
  return applyDecorators(rule, ApiProperty({ oneOf: [word, { type: 'array', maxItems: MOST_WORDS, items: word }] }));
}

/** The statement in words that we know. Whether this caller may make it is for `assertFact` to say. */
export function factOf(
  body: FactBody,
  subject: HandleId,
  known: { readonly vocabulary: Vocabulary; readonly agencies: ReadonlyMap<AgencyId, Agency> },
): FactRequest {
  const words = new Words();
  const fact = words.known<FactName>(body.fact, known.vocabulary.facts, '#/fact');
  const value = statedIn(body, words);
  const towards = body.towards && towardsOf(body.towards, known.agencies, words);
  const until = body.until === undefined ? undefined : words.instant(body.until, '#/until');
  words.check();
  return {
    subject,
    fact,
    value,
    basis: body.basis,
    ...(towards !== undefined && { towards }),
    ...(body.reason !== undefined && { reason: body.reason }),
    ...(until !== undefined && { until }),
  };
}

/** The same for what is stated instead of something wrong. */
export function correctionOf(body: CorrectionBody, subject: HandleId, fact: FactId): CorrectionRequest {
  const { reason, instead } = body;
  if (instead === undefined) return { subject, fact, reason };
  const words = new Words();
  const value = statedIn(instead, words);
  const until = instead.until === undefined ? undefined : words.instant(instead.until, '#/instead/until');
  words.check();
  return {
    subject,
    fact,
    reason,
    instead: {
      value,
      basis: instead.basis,
      ...(instead.reason !== undefined && { reason: instead.reason }),
      ...(until !== undefined && { until }),
    },
  };
}

function statedIn({ value, date, count }: Pick<FactBody, 'value' | 'date' | 'count'>, words: Words): Stated {
  const given = [value, date, count].filter((each) => each !== undefined);
  if (given.length !== 1) words.flaw('#', 'states one of value, date and count');
  if (date !== undefined && !isDate(date)) words.flaw('#/date', 'is not a day that there is');
  if (date !== undefined) return { date };
  return count === undefined ? (value ?? []) : { count };
}

/** THREAT: a tie stated for a unit whose name is misspelt is met by nobody. */
function towardsOf(body: TowardsBody, agencies: ReadonlyMap<AgencyId, Agency>, words: Words): Towards {
  const agency = words.known<AgencyId>(body.agency, agencies, '#/towards/agency');
  const units = agencies.get(agency)?.units;
  if (body.unit !== undefined && units !== undefined) words.known<UnitId>(body.unit, units, '#/towards/unit');
  return {
    agency,
    ...(body.unit !== undefined && { unit: body.unit as UnitId }),
    ...(body.officer !== undefined && { officer: body.officer as OfficerId }),
  };
}
