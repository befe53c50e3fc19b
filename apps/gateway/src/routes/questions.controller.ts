import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiProperty, ApiOperation } from '@nestjs/swagger';
import {
  answerInquiry,
  type BrokenGlass,
  closeReview,
  type InquiryReply,
  openInquiries,
  openReviews,
} from '#disclosure';
import type { QuestionId } from '#terms';
import { Answers, Caller, type CallerContext, Optional } from '#web';
import { Gateway } from '../gateway.js';
import { type Asking, identify } from './identify.js';
import { ownHandleFor } from './own-handle-for.js';
import { ReceiptAnswer, receiptText } from './receipt.js';
import { AReason, HANDLE, ID, inPath, OneOf, WordList } from './shapes.js';
import { momentOf, Words } from './words.js';

const MOST_GROUNDS = 10;

export class AnswerBody {
  @OneOf('confirm', 'decline') answer: 'confirm' | 'decline';
  @Optional() @WordList(MOST_GROUNDS) grounds?: string[];
  @Optional() @AReason() reason?: string;
}

class AskedBy {
  @ApiProperty() agency: string;
  @ApiProperty({ required: false }) unit?: string;
}

class WaitingQuestion {
  @ApiProperty({ pattern: ID.source }) id: string;
  @ApiProperty({ pattern: HANDLE.source, description: 'The handle of this agency for her' }) handle: string;
  @ApiProperty() asker: AskedBy;
  @ApiProperty() purpose: string;
  @ApiProperty({ type: [String], description: 'What a confirmation would open, and nothing else' })
  fields: readonly string[];
  @ApiProperty({ type: [String] }) grounds: readonly string[];
  @ApiProperty() reason: string;
  @ApiProperty({ format: 'date-time' }) raisedAt: string;
}

class QuestionsAnswer {
  @ApiProperty({ type: [WaitingQuestion] }) questions: readonly WaitingQuestion[];
}

export class ClosingBody {
  @OneOf('justified', 'not_justified') verdict: 'justified' | 'not_justified';
  @AReason() note: string;
}

class OpenedAtTheirWord {
  @ApiProperty() asker: AskedBy;
  @ApiProperty() officer: string;
  @ApiProperty() purpose: string;
  @ApiProperty({ type: [String] }) fields: readonly string[];
  @ApiProperty() reason: string;
  @ApiProperty({ format: 'date-time' }) at: string;
}

class OpenReview {
  @ApiProperty({ pattern: ID.source }) id: string;
  @ApiProperty({ pattern: HANDLE.source, description: 'The handle of this agency for her' }) handle: string;
  @ApiProperty() duty: string;
  @ApiProperty({ format: 'date-time' }) due: string;
  @ApiProperty({ required: false, description: 'Where nothing but the word of the asker had opened it' })
  glass?: OpenedAtTheirWord;
}

class ReviewsAnswer {
  @ApiProperty({ type: [OpenReview] }) reviews: readonly OpenReview[];
}

@Controller('v1')
export class QuestionsController {
  constructor(private readonly gateway: Gateway) {}

  @ApiOperation({ summary: 'What waits for a person at this agency, where law leaves the judgement to her' })
  @Get('questions')
  @ApiOkResponse({ type: QuestionsAnswer })
  async waiting(@Caller() context: CallerContext): Promise<QuestionsAnswer> {
    const { agency, caller, at } = await this.#upToDate(context);
    const questions = openInquiries(this.gateway, agency, caller, at).flatMap((inquiry): WaitingQuestion[] => {
      const { id, asker, purpose, fields, grounds, reason } = inquiry;
      const handle = ownHandleFor(this.gateway, inquiry.person, agency.id);
      const raisedAt = momentOf(inquiry.raisedAt);
      return handle === undefined ? [] : [{ id, handle, asker, purpose, fields, grounds, reason, raisedAt }];
    });
    return { questions };
  }

  @ApiOperation({
    summary: 'A person confirms named grounds or declines. Nothing leaves by this: whoever asked asks again',
  })
  @Post('questions/:id/answer')
  @Answers()
  @ApiOkResponse({ type: ReceiptAnswer })
  async answer(
    @Param('id') id: string,
    @Body() body: AnswerBody,
    @Caller() context: CallerContext,
  ): Promise<ReceiptAnswer> {
    const { agency, caller, at } = identify(this.gateway, context);
    const question = inPath(id, ID) as QuestionId;
    const { receipt } = await answerInquiry(this.gateway, agency, caller, question, replyOf(body), at);
    return { receipt: receiptText(receipt) };
  }

  @ApiOperation({ summary: 'What a second person at this agency must look at, the most urgent first' })
  @Get('reviews')
  @ApiOkResponse({ type: ReviewsAnswer })
  async reviews(@Caller() context: CallerContext): Promise<ReviewsAnswer> {
    const { agency, caller, at } = await this.#upToDate(context);
    const reviews = openReviews(this.gateway, agency, caller, at).flatMap(({ review, glass }): OpenReview[] => {
      const { id, duty, due } = review;
      const handle = ownHandleFor(this.gateway, review.person, agency.id);
      if (handle === undefined) return [];
      return [{ id, handle, duty, due: momentOf(due), ...(glass !== undefined && { glass: shown(glass) }) }];
    });
    return { reviews };
  }

  @ApiOperation({ summary: 'A second person says whether what left in a danger should have left' })
  @Post('reviews/:id/closing')
  @Answers()
  @ApiOkResponse({ type: ReceiptAnswer })
  async close(
    @Param('id') id: string,
    @Body() body: ClosingBody,
    @Caller() context: CallerContext,
  ): Promise<ReceiptAnswer> {
    const { agency, caller, at } = identify(this.gateway, context);
    const verdict = body.verdict === 'justified' ? 'justified' : 'not justified';
    const finding = { verdict, note: body.note } as const;
    const { receipt } = await closeReview(this.gateway, agency, caller, inPath(id, ID) as QuestionId, finding, at);
    return { receipt: receiptText(receipt) };
  }

  /** Another gateway may have recorded something since this one last appended. */
  async #upToDate(context: CallerContext): Promise<Asking> {
    await this.gateway.sequencer.catchUp();
    return identify(this.gateway, context);
  }
}

function shown({ asker, purpose, fields, reason, at }: BrokenGlass): OpenedAtTheirWord {
  const { agency, unit, officer } = asker;
  return { asker: { agency, ...(unit !== undefined && { unit }) }, officer, purpose, fields, reason, at: momentOf(at) };
}

function replyOf(body: AnswerBody): InquiryReply {
  const words = new Words();
  if (body.answer === 'decline') {
    words.absent(body.grounds, '#/grounds', 'where it is declined');
    words.absent(body.reason, '#/reason', 'where it is declined');
    words.check();
    return { kind: 'decline' };
  }
  const grounds = words.needed(body.grounds, '#/grounds', 'where it is confirmed');
  const reason = words.needed(body.reason, '#/reason', 'where it is confirmed');
  words.check();
  return { kind: 'confirm', grounds, reason };
}
