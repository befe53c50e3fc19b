import { Body, Controller, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiProperty, ApiOperation } from '@nestjs/swagger';
import { openHandle } from '#disclosure';
import { CASE_ROLES, type CaseRole } from '#matching';
import { Caller, type CallerContext, Many, One, Optional } from '#web';
import { Gateway } from '../gateway.js';
import { DirectiveBody, directiveOf } from './consent-body.js';
import { identify } from './identify.js';
import { ReceiptAnswer, receiptText } from './receipt.js';
import { ALine, HANDLE, OneOf, AtMost } from './shapes.js';

const MOST_DOCKETS = 20;

class DocketBody {
  @ALine() number: string;
  @OneOf(...CASE_ROLES) role: CaseRole;
}

export class HandleBody {
  @ALine() localId: string;
  @Optional() @One(() => DirectiveBody) release?: DirectiveBody;
  @Optional() @AtMost(MOST_DOCKETS) @Many(() => DocketBody) dockets?: DocketBody[];
}

class HandleAnswer extends ReceiptAnswer {
  @ApiProperty({ pattern: HANDLE.source }) handle: string;
}

@Controller('v1/handles')
export class HandlesController {
  constructor(private readonly gateway: Gateway) {}

  @ApiOperation({ summary: "The handle for one of the agency's own local ids. Asked again, the same one" })
  @Post()
  @ApiCreatedResponse({ type: HandleAnswer })
  async open(@Body() body: HandleBody, @Caller() context: CallerContext): Promise<HandleAnswer> {
    const { agency, caller, at } = identify(this.gateway, context);
    const { directory, policy } = this.gateway;
    const words = { vocabulary: policy.vocabulary, agencies: directory };
    const release = body.release && directiveOf(body.release, words, at, '#/release');
    const request = { localId: body.localId, dockets: body.dockets ?? [], ...(release !== undefined && { release }) };
    const { receipt, result } = await openHandle(this.gateway, agency, caller, request, at);
    return { handle: result, receipt: receiptText(receipt) };
  }
}
