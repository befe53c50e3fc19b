import { Body, Controller, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { recordWithdrawal } from '#disclosure';
import type { AgencyId, HandleId } from '#terms';
import { Answers, Caller, type CallerContext } from '#web';
import { Gateway } from '../gateway.js';
import { identify } from './identify.js';
import { ReceiptAnswer, receiptText } from './receipt.js';
import { AnAgency, HANDLE, inPath } from './shapes.js';
import { Words } from './words.js';

const EVERYONE = 'everyone';

export class WithdrawalBody {
  /** Whom she no longer wants to receive anything: an agency, or `everyone`. */
  @AnAgency() from: string;
}

@Controller('v1/persons/:handle/withdrawals')
export class WithdrawalsController {
  constructor(private readonly gateway: Gateway) {}

  @ApiOperation({
    summary: 'She says stop, to any member. One reply, whatever there was to stop and whoever the handle is',
  })
  @Post()
  @Answers()
  @ApiOkResponse({ type: ReceiptAnswer })
  async withdraw(
    @Param('handle') handle: string,
    @Body() body: WithdrawalBody,
    @Caller() context: CallerContext,
  ): Promise<ReceiptAnswer> {
    const { agency, caller, at } = identify(this.gateway, context);
    const request = { subject: inPath(handle, HANDLE) as HandleId, from: this.#recipient(body.from) };
    const { receipt } = await recordWithdrawal(this.gateway, agency, caller, request, at);
    return { receipt: receiptText(receipt) };
  }

  #recipient(from: string): AgencyId | typeof EVERYONE {
    if (from === EVERYONE) return from;
    const words = new Words();
    const agency = words.known<AgencyId>(from, this.gateway.directory, '#/from');
    words.check();
    return agency;
  }
}
