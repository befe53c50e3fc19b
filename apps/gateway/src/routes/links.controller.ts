import { Body, Controller, Delete, Param, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiProperty, ApiOperation } from '@nestjs/swagger';
import { IsInt, Max, Min } from 'class-validator';
import { confirmLinkCode, issueLinkCode, redeemLinkCode, unlink } from '#disclosure';
import { type CodeId, LONGEST_CODE_LIFE_MS, MatchingError } from '#matching';
import { type AgencyId, type HandleId, type Instant, instantOf } from '#terms';
import { Answers, Caller, type CallerContext, Text } from '#web';
import { Gateway } from '../gateway.js';
import { identify } from './identify.js';
import { ReceiptAnswer, receiptText } from './receipt.js';
import { AHandle, ALine, AnAgency, HANDLE, ID, inPath } from './shapes.js';
import { momentOf, Words } from './words.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const LONGEST_MINUTES = LONGEST_CODE_LIFE_MS / MINUTE;

export class LinkCodeBody {
  @AnAgency() recipient: string;
  @ALine() legalBasis: string;
  @ApiProperty({ type: 'integer', minimum: 1, maximum: LONGEST_MINUTES })
  @IsInt()
  @Min(1)
  @Max(LONGEST_MINUTES)
  validForMinutes: number;
}

export class RedemptionBody {
  @AHandle() subject: string;
  @Text(/^[A-Za-z0-9_-]{1,64}$/, 'a code') code: string;
}

class LinkCodeAnswer extends ReceiptAnswer {
  @ApiProperty({ pattern: ID.source }) id: string;
  @ApiProperty({ description: 'Said once and kept nowhere: give it to the recipient' }) code: string;
  @ApiProperty({ format: 'date-time' }) expiresAt: string;
}

class RedemptionAnswer extends ReceiptAnswer {
  @ApiProperty({ pattern: ID.source }) id: string;
  @ApiProperty({ format: 'date-time' }) confirmBy: string;
}

class LinkedAnswer extends ReceiptAnswer {
  @ApiProperty({ description: 'Whether both have confirmed, and the two handles are one person from now on' })
  linked: boolean;
}

@Controller('v1')
export class LinksController {
  /** When each agency's codes were not accepted, within the last hour. A limit of this process: codes have 160 bits. */
  readonly #failures = new Map<AgencyId, readonly Instant[]>();

  constructor(private readonly gateway: Gateway) {}

  @ApiOperation({ summary: 'A one-time code with which one other agency can say that it knows her too' })
  @Post('persons/:handle/link-codes')
  @ApiCreatedResponse({ type: LinkCodeAnswer })
  async issue(
    @Param('handle') handle: string,
    @Body() body: LinkCodeBody,
    @Caller() context: CallerContext,
  ): Promise<LinkCodeAnswer> {
    const { agency, caller, at } = identify(this.gateway, context);
    const subject = inPath(handle, HANDLE) as HandleId;
    const recipient = this.#member(body.recipient, '#/recipient');
    const expiresAt = instantOf(at + body.validForMinutes * MINUTE);
    const request = { subject, recipient, legalBasis: body.legalBasis, expiresAt };
    const { receipt, result } = await issueLinkCode(this.gateway, agency, caller, request, at);
    return { id: result.id, code: result.secret, expiresAt: momentOf(expiresAt), receipt: receiptText(receipt) };
  }

  @ApiOperation({
    summary: 'The recipient says whose code it is. Whatever is wrong with one, it is refused in the same words',
  })
  @Post('link-codes/redemptions')
  @Answers()
  @ApiOkResponse({ type: RedemptionAnswer })
  async redeem(@Body() body: RedemptionBody, @Caller() context: CallerContext): Promise<RedemptionAnswer> {
    const { agency, caller, at } = identify(this.gateway, context);
    const request = { subject: body.subject as HandleId, secret: body.code };
    const failures = (this.#failures.get(agency.id) ?? []).filter((failure) => at - failure < HOUR);
    try {
      const { receipt, result } = await redeemLinkCode(this.gateway, agency, caller, request, failures, at);
      return { id: result.id, confirmBy: momentOf(result.confirmBy), receipt: receiptText(receipt) };
    } catch (error) {
      if (error instanceof MatchingError && error.code === 'MATCHING_CODE_NOT_ACCEPTED')
        this.#failures.set(agency.id, [...failures, at]);
      throw error;
    }
  }

  @ApiOperation({ summary: 'Each of the two confirms; with the second the link exists' })
  @Post('link-codes/:id/confirmation')
  @Answers()
  @ApiOkResponse({ type: LinkedAnswer })
  async confirm(@Param('id') id: string, @Caller() context: CallerContext): Promise<LinkedAnswer> {
    const { agency, at } = identify(this.gateway, context);
    const { receipt, result } = await confirmLinkCode(this.gateway, agency, inPath(id, ID) as CodeId, at);
    return { linked: result.linked, receipt: receiptText(receipt) };
  }

  @ApiOperation({ summary: 'Either side ends a link, and takes back codes that nobody has confirmed yet' })
  @Delete('persons/:handle/links/:agency')
  @ApiOkResponse({ type: ReceiptAnswer })
  async unlink(
    @Param('handle') handle: string,
    @Param('agency') name: string,
    @Caller() context: CallerContext,
  ): Promise<ReceiptAnswer> {
    const { agency, at } = identify(this.gateway, context);
    const subject = inPath(handle, HANDLE) as HandleId;
    const other = this.#member(name, '#/agency');
    const { receipt } = await unlink(this.gateway, agency, { subject, other }, at);
    return { receipt: receiptText(receipt) };
  }

  #member(name: string, pointer: string): AgencyId {
    const words = new Words();
    const member = words.known<AgencyId>(name, this.gateway.directory, pointer);
    words.check();
    return member;
  }
}
