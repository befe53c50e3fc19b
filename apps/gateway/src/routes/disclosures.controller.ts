import { Body, Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiProperty, getSchemaPath, ApiOperation } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Account, type AccountedRule, accountFor, type Answer, disclose, type ReleasedField } from '#disclosure';
import { type EntryId, type FieldName, type Instant, levelName, type Vocabulary } from '#terms';
import { answerAtOnce, Answers, Caller, type CallerContext, concerns } from '#web';
import { Gateway } from '../gateway.js';
import { identify } from './identify.js';
import { QuestionBody, questionOf } from './question-body.js';
import { ReceiptAnswer, receiptText } from './receipt.js';
import { ID, inPath, UUID } from './shapes.js';
import { momentOf } from './words.js';

/** All that is answered where nothing may leave, or there is nothing, or nobody: one shape for every reason. */
class UniformAnswer extends ReceiptAnswer {
  @ApiProperty({ pattern: UUID.source }) decision: string;
}

/** Known to OpenAPI since 3.1, and not yet to the generator's types. */
const EXACTLY_UNIFORM = { $ref: getSchemaPath(UniformAnswer), unevaluatedProperties: false };

class ReleasedValue {
  @ApiProperty() field: string;
  @ApiProperty({ description: 'How much of it this is, a word of the scale of the field' }) level: string;
  @ApiProperty({
    required: false,
    oneOf: [
      { type: 'string' },
      { type: 'number' },
      { type: 'boolean' },
      { type: 'object' },
      { type: 'array', items: {} },
    ],
  })
  value?: unknown;
  @ApiProperty({ required: false, description: 'Sealed at its source to the key of the asker, base64url' })
  sealed?: string;
  @ApiProperty({ required: false, description: 'The agency it comes from, where policy lets that be known' })
  from?: string;
  @ApiProperty({ required: false, type: [String] }) rules?: readonly string[];
}

class ReleaseAnswer extends UniformAnswer {
  @ApiProperty({ description: 'The digest of the policies it was decided under' }) policy: string;
  @ApiProperty({ format: 'date-time' }) asOf: string;
  @ApiProperty({ required: false, format: 'date-time' }) validUntil?: string;
  @ApiProperty({ type: [ReleasedValue] }) fields: readonly ReleasedValue[];
  @ApiProperty({ type: [String] }) notAvailable: readonly string[];
  @ApiProperty({ type: [String] }) duties: readonly string[];
  @ApiProperty({ type: [String] }) say: readonly string[];
  @ApiProperty({ type: [String], description: 'Agencies that did not answer and that the asker may know of' })
  silent: readonly string[];
}

class RuleAnswer {
  @ApiProperty({ enum: ['rule', 'a safety rule'] }) kind: AccountedRule['kind'];
  @ApiProperty({ required: false }) id?: string;
  @ApiProperty({ required: false }) title?: string;
  @ApiProperty({ required: false }) source?: string;
}

class ExplainedField {
  @ApiProperty() field: string;
  @ApiProperty() level: string;
  @ApiProperty() released: boolean;
  @ApiProperty({ type: [RuleAnswer] }) grantedBy: readonly RuleAnswer[];
  @ApiProperty({ type: [RuleAnswer] }) cutBy: readonly RuleAnswer[];
  @ApiProperty({ type: [String] }) nearMisses: readonly string[];
}

class AskerAnswer {
  @ApiProperty() agency: string;
  @ApiProperty({ required: false }) unit?: string;
}

class ExplanationAnswer {
  @ApiProperty({ pattern: ID.source }) entry: string;
  @ApiProperty({ format: 'date-time' }) at: string;
  @ApiProperty() asker: AskerAnswer;
  @ApiProperty() purpose: string;
  @ApiProperty() policy: string;
  @ApiProperty({ description: 'Whether the system of the discloser was asked, and answered in time' })
  answered: boolean;
  @ApiProperty({ type: [ExplainedField] }) fields: readonly ExplainedField[];
}

@Controller('v1/disclosures')
export class DisclosuresController {
  constructor(private readonly gateway: Gateway) {}

  @ApiOperation({
    summary:
      'Asks for fields about one person. The answer is written by `deliver`, within the lease, and by nobody else',
  })
  @Post()
  @Answers()
  @ApiExtraModels(ReleaseAnswer, UniformAnswer)
  @ApiOkResponse({
    schema: { oneOf: [{ $ref: getSchemaPath(ReleaseAnswer) }, EXACTLY_UNIFORM] },
  })
  ask(
    @Body() body: QuestionBody,
    @Caller() context: CallerContext,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    concerns(request, body.decision);
    const { gateway } = this;
    const { agency, caller, at } = identify(gateway, context);
    // Before anything is looked up: whom it is about makes no difference.
    gateway.checkpoints.refuseIfUnwitnessed();
    const { vocabulary } = gateway.policy;
    const question = questionOf(body, caller, vocabulary);
    return disclose(gateway, agency, question, at, (answer) =>
      answerAtOnce(reply, answerOf(answer, question.fields, vocabulary, gateway.policy.digest, at)),
    );
  }

  @ApiOperation({ summary: 'Why each field of a past decision came out as it did, for an agency that disclosed in it' })
  @Get(':entry/explanation')
  @ApiOkResponse({ type: ExplanationAnswer })
  async explain(@Param('entry') entry: string, @Caller() context: CallerContext): Promise<ExplanationAnswer> {
    await this.gateway.sequencer.catchUp();
    const { agency, caller, at } = identify(this.gateway, context);
    const account: Account = await accountFor(this.gateway, agency, caller, inPath(entry, ID) as EntryId, at);
    return { ...account, at: momentOf(account.at) };
  }
}

function answerOf(
  answer: Answer,
  asked: readonly FieldName[],
  vocabulary: Vocabulary,
  policy: string,
  at: Instant,
): UniformAnswer | ReleaseAnswer {
  const { decision } = answer;
  const receipt = receiptText(answer.receipt);
  if (answer.kind === 'uniform') return { decision, receipt };
  const released = new Set(answer.fields.map(({ field }) => field));
  return {
    decision,
    receipt,
    policy,
    asOf: momentOf(at),
    ...(answer.validUntil !== undefined && { validUntil: momentOf(answer.validUntil) }),
    fields: answer.fields.map((field) => valueOf(field, vocabulary)),
    notAvailable: asked.filter((field) => !released.has(field)),
    duties: answer.duties,
    say: answer.say,
    silent: answer.silent,
  };
}

function valueOf({ field, level, value, from, rules }: ReleasedField, { fields }: Vocabulary): ReleasedValue {
  const known = fields.get(field);
  return {
    field,
    level: known === undefined ? '' : levelName(known, level),
    ...(value.kind === 'open' ? { value: value.value } : { sealed: receiptText(value.bytes) }),
    ...(from !== undefined && { from }),
    ...(rules !== undefined && { rules }),
  };
}
