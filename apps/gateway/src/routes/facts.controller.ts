import { Body, Controller, Param, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiProperty, ApiOperation } from '@nestjs/swagger';
import { assertFact, correctFact } from '#disclosure';
import type { FactId, HandleId } from '#terms';
import { Answers, Caller, type CallerContext } from '#web';
import { Gateway } from '../gateway.js';
import { CorrectionBody, correctionOf, FactBody, factOf } from './fact-body.js';
import { identify } from './identify.js';
import { ReceiptAnswer, receiptText } from './receipt.js';
import { HANDLE, ID, inPath } from './shapes.js';

class FactAnswer extends ReceiptAnswer {
  @ApiProperty({ pattern: ID.source }) fact: string;
}

class CorrectionAnswer extends ReceiptAnswer {
  @ApiProperty({ required: false, pattern: ID.source, description: 'What is stated instead' }) fact?: string;
}

@Controller('v1/persons/:handle/facts')
export class FactsController {
  constructor(private readonly gateway: Gateway) {}

  @ApiOperation({
    summary: 'The agency states something about her. It is added to what others stated and replaces nothing',
  })
  @Post()
  @ApiCreatedResponse({ type: FactAnswer })
  async state(
    @Param('handle') handle: string,
    @Body() body: FactBody,
    @Caller() context: CallerContext,
  ): Promise<FactAnswer> {
    const { agency, caller, at } = identify(this.gateway, context);
    const known = { vocabulary: this.gateway.policy.vocabulary, agencies: this.gateway.directory };
    const request = factOf(body, inPath(handle, HANDLE) as HandleId, known);
    const { receipt, result } = await assertFact(this.gateway, agency, caller, request, at);
    return { fact: result, receipt: receiptText(receipt) };
  }

  @ApiOperation({ summary: 'The agency takes back what it has stated about her, or states something else instead' })
  @Post(':fact/correction')
  @Answers()
  @ApiOkResponse({ type: CorrectionAnswer })
  async correct(
    @Param('handle') handle: string,
    @Param('fact') fact: string,
    @Body() body: CorrectionBody,
    @Caller() context: CallerContext,
  ): Promise<CorrectionAnswer> {
    const { agency, caller, at } = identify(this.gateway, context);
    const request = correctionOf(body, inPath(handle, HANDLE) as HandleId, inPath(fact, ID) as FactId);
    const { receipt, result } = await correctFact(this.gateway, agency, caller, request, at);
    return { ...(result !== undefined && { fact: result }), receipt: receiptText(receipt) };
  }
}
