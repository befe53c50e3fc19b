import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsIn } from 'class-validator';
import {
  type Capacity,
  type Consent,
  type Directive,
  endAfterDays,
  type Informed,
  type Member,
  OFFERED_DAYS,
  type PermitEnd,
  type RefusalEnd,
  type Signer,
} from '#consent';
import type { Agency, ConsentRequest } from '#disclosure';
import {
  type AgencyId,
  type ConsentId,
  type FieldName,
  type Instant,
  type Level,
  type OfficerId,
  NOTHING,
  nearestWord,
  type Purpose,
  type Vocabulary,
} from '#terms';
import { Many, One, Optional, Text } from '#web';
import { AHandle, ALine, AnAgency, FieldsOfConsent, ID, OneOf, WordsOrAny, AtMost } from './shapes.js';
import { ReceiptAnswer } from './receipt.js';
import { Words } from './words.js';

const MOST_AGENCIES = 50;
const MOST_FIELDS = 100;
const MOST_PURPOSES = 30;
const MOST_LIFTED = 20;
const MOST_PEOPLE = 5;

export class MemberBody {
  @AnAgency() agency: string;
  @ALine() officer: string;
}

class EndBody {
  @OneOf('once', 'days', 'date', 'until_lifted') kind: 'once' | 'days' | 'date' | 'until_lifted';
  @ApiProperty({ type: 'integer', enum: [...OFFERED_DAYS] }) @Optional() @IsIn(OFFERED_DAYS) days?: 7 | 30 | 90;
  @Optional() @Text(/^\d{4}-\d{2}-\d{2}$/, 'a date such as 2026-12-31') date?: string;
  @Optional() @Text(/^[A-Za-z0-9_+/-]{1,64}$/, 'a time zone such as America/New_York') timeZone?: string;
}

class CapacityBody {
  @OneOf('adult', 'minor', 'represented') kind: 'adult' | 'minor' | 'represented';
  @ApiProperty({ type: 'boolean' }) @Optional() @IsBoolean() mayGetServiceAlone?: boolean;
  @Optional() @One(() => MemberBody) assessedBy?: MemberBody;
}

class SignerBody {
  @OneOf('herself', 'parent', 'guardian') kind: 'herself' | 'parent' | 'guardian';
  @Optional() @OneOf('yes', 'no', 'unknown') abusive?: 'yes' | 'no' | 'unknown';
}

class InformedBody {
  @One(() => MemberBody) explainedBy: MemberBody;
  @ALine() notice: string;
  @ApiProperty({ type: 'boolean' }) @IsBoolean() notAConditionOfService: boolean;
}

class SigningBody {
  @OneOf('written', 'electronic', 'spoken') form: 'written' | 'electronic' | 'spoken';
  @One(() => CapacityBody) capacity: CapacityBody;
  @AtMost(MOST_PEOPLE) @Many(() => SignerBody) signers: SignerBody[];
  @AtMost(MOST_PEOPLE) @Many(() => MemberBody) witnesses: MemberBody[];
  @Optional() @One(() => InformedBody) informed?: InformedBody;
}

/** What she said: what may (or may not) go from whom to whom, for what, until when, and how she signed it. */
export class DirectiveBody {
  @OneOf('permit', 'refuse') kind: 'permit' | 'refuse';
  @WordsOrAny(MOST_AGENCIES) disclosers: string[] | 'any';
  @WordsOrAny(MOST_AGENCIES) recipients: string[] | 'any';
  @FieldsOfConsent(MOST_FIELDS) fields: Readonly<Record<string, string>> | string[] | 'any';
  @WordsOrAny(MOST_PURPOSES) purposes: string[] | 'any';
  @One(() => EndBody) end: EndBody;
  /** Refusals of hers that this permit lifts, by their ids. */
  @Optional() @AtMost(MOST_LIFTED) @Text(ID, 'the id of a refusal', { each: true }) lifts?: string[];
  @One(() => SigningBody) signing: SigningBody;
}

export class ConsentBody extends DirectiveBody {
  @AHandle() subject: string;
}

/** What the words of a directive may be. */
export interface ConsentWords {
  readonly vocabulary: Vocabulary;
  readonly agencies: ReadonlyMap<AgencyId, Agency>;
}

/** Reads the directive, or says which of its words we do not know. `at` is where the body's JSON Pointers begin. */
export function directiveOf(
  body: DirectiveBody,
  { vocabulary, agencies }: ConsentWords,
  now: Instant,
  at = '#',
): Omit<ConsentRequest, 'subject'> {
  const words = new Words();
  const reader = { words, vocabulary, agencies, at };
  const directive = body.kind === 'permit' ? permitOf(body, reader, now) : refusalOf(body, reader, now);
  const signing = signingOf(body.signing, reader);
  words.check();
  return { directive, signing };
}

interface Reader extends ConsentWords {
  readonly words: Words;
  readonly at: string;
}

function permitOf(body: DirectiveBody, reader: Reader, now: Instant): Directive {
  const { words, vocabulary, agencies, at } = reader;
  const named = <W extends string>(
    place: string,
    given: string[] | 'any',
    known: ReadonlyMap<W, unknown>,
  ): readonly W[] =>
    given === 'any'
      ? words.flawed([], `${at}/${place}`, 'is named one by one in a release')
      : words.all(given, known, `${at}/${place}`);
  const end = endOf(body.end, reader, now);
  return {
    kind: 'permit',
    scope: {
      disclosers: named('disclosers', body.disclosers, agencies),
      recipients: named('recipients', body.recipients, agencies),
      fields: levelsOf(body.fields, reader),
      purposes: named<Purpose>('purposes', body.purposes, vocabulary.purposes),
      end:
        end.kind === 'until_lifted'
          ? words.flawed({ kind: 'once' }, `${at}/end`, 'must be an end: a release never lasts for ever')
          : end,
      unresolved: [],
    },
    lifts: (body.lifts ?? []) as ConsentId[],
  };
}

function refusalOf(body: DirectiveBody, reader: Reader, now: Instant): Directive {
  const { words, vocabulary, agencies, at } = reader;
  const named = <W extends string>(place: string, given: string[] | 'any', known: ReadonlyMap<W, unknown>) =>
    given === 'any' ? given : words.all(given, known, `${at}/${place}`);
  words.absent(body.lifts, `${at}/lifts`, 'to a refusal');
  const { fields } = body;
  const end = endOf(body.end, reader, now);
  return {
    kind: 'refuse',
    scope: {
      disclosers: named('disclosers', body.disclosers, agencies),
      recipients: named('recipients', body.recipients, agencies),
      fields:
        typeof fields === 'object' && !Array.isArray(fields)
          ? words.flawed('any', `${at}/fields`, 'is a list, or any: a refused field is refused at every level')
          : named<FieldName>('fields', fields, vocabulary.fields),
      purposes: named<Purpose>('purposes', body.purposes, vocabulary.purposes),
      end:
        end.kind === 'once'
          ? words.flawed(
              { kind: 'until_lifted' },
              `${at}/end`,
              'is not for one disclosure: a refusal stops all of them',
            )
          : end,
      unresolved: [],
    },
  };
}

function levelsOf(given: DirectiveBody['fields'], { words, vocabulary, at }: Reader): ReadonlyMap<FieldName, Level> {
  if (typeof given !== 'object' || Array.isArray(given))
    return words.flawed(new Map(), `${at}/fields`, 'gives each field with its highest level');
  const levels = new Map<FieldName, Level>();
  for (const [name, level] of Object.entries(given)) {
    const pointer = `${at}/fields/${name.slice(0, 80).replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const field = vocabulary.fields.get(words.known<FieldName>(name, vocabulary.fields, pointer));
    if (field === undefined) continue;
    const index = field.scale.indexOf(level);
    if (index > NOTHING) levels.set(field.name, index as Level);
    else words.flaw(pointer, levelHint(level, field.scale.slice(1)));
  }
  return levels;
}

function levelHint(level: string, levels: readonly string[]): string {
  const meant = nearestWord(level, levels);
  return meant === undefined ? `has these levels: ${levels.join(', ')}` : `has no such level; did you mean ${meant}?`;
}

function endOf(end: EndBody, { words, at }: Reader, now: Instant): PermitEnd | RefusalEnd {
  const because = `where the end is ${end.kind}`;
  if (end.kind !== 'days') words.absent(end.days, `${at}/end/days`, because);
  if (end.kind !== 'date') {
    words.absent(end.date, `${at}/end/date`, because);
    words.absent(end.timeZone, `${at}/end/timeZone`, because);
  }
  switch (end.kind) {
    case 'once':
    case 'until_lifted':
      return { kind: end.kind };
    case 'days':
      return endAfterDays(words.needed(end.days, `${at}/end/days`, because) ?? OFFERED_DAYS[0], now);
    case 'date':
      return {
        kind: 'date',
        date: words.needed(end.date, `${at}/end/date`, because),
        timeZone: words.needed(end.timeZone, `${at}/end/timeZone`, because),
      };
  }
}

function signingOf(body: SigningBody, reader: Reader): ConsentRequest['signing'] {
  const { at } = reader;
  const informed: Informed | undefined = body.informed && {
    explainedBy: memberOf(body.informed.explainedBy, reader, `${at}/signing/informed/explainedBy`),
    notice: body.informed.notice,
    notAConditionOfService: body.informed.notAConditionOfService,
  };
  return {
    form: body.form,
    capacity: capacityOf(body.capacity, reader),
    signers: body.signers.map((signer, index) => signerOf(signer, reader, `${at}/signing/signers/${index}`)),
    witnesses: body.witnesses.map((member, index) => memberOf(member, reader, `${at}/signing/witnesses/${index}`)),
    ...(informed !== undefined && { informed }),
  };
}

function capacityOf(body: CapacityBody, reader: Reader): Capacity {
  const { words } = reader;
  const at = `${reader.at}/signing/capacity`;
  const because = `where she is ${body.kind === 'adult' ? 'an adult' : body.kind}`;
  if (body.kind !== 'minor') words.absent(body.mayGetServiceAlone, `${at}/mayGetServiceAlone`, because);
  if (body.kind === 'adult') {
    words.absent(body.assessedBy, `${at}/assessedBy`, because);
    return { kind: 'adult' };
  }
  const judge = words.needed(body.assessedBy, `${at}/assessedBy`, because);
  const assessedBy = judge === undefined ? judge : memberOf(judge, reader, `${at}/assessedBy`);
  if (body.kind === 'represented') return { kind: 'represented', assessedBy };
  const alone = words.needed(body.mayGetServiceAlone, `${at}/mayGetServiceAlone`, because);
  return { kind: 'minor', mayGetServiceAlone: alone, assessedBy };
}

function signerOf(body: SignerBody, { words }: Reader, at: string): Signer {
  if (body.kind === 'herself') {
    words.absent(body.abusive, `${at}/abusive`, 'where she signs herself');
    return { kind: 'herself' };
  }
  return { kind: body.kind, abusive: words.needed(body.abusive, `${at}/abusive`, `where a ${body.kind} signs`) };
}

function memberOf(body: MemberBody, { words, agencies }: Reader, at: string): Member {
  return { agency: words.known<AgencyId>(body.agency, agencies, `${at}/agency`), officer: body.officer as OfficerId };
}

export class ConsentAnswer extends ReceiptAnswer {
  @ApiProperty({ pattern: ID.source }) consent: string;
  @ApiProperty({ enum: ['active', 'pending'] }) state: Consent['state'];
}
