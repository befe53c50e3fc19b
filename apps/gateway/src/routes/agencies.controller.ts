import { Body, Controller, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { parseSerial } from '#certificates';
import { resumeAgency, revokeCertificate, suspendAgency } from '#disclosure';
import type { AgencyId } from '#terms';
import { Answers, Caller, type CallerContext } from '#web';
import { Gateway } from '../gateway.js';
import { identify } from './identify.js';
import { ReceiptAnswer, receiptText } from './receipt.js';
import { AGENCY, AReason, inPath, SERIAL } from './shapes.js';

export class StandingBody {
  @AReason() reason: string;
}

@Controller('v1/agencies/:agency')
export class AgenciesController {
  constructor(private readonly gateway: Gateway) {}

  @ApiOperation({
    summary: 'The operator suspends a member: answered when nothing is disclosed by it or to it at any gateway',
  })
  @Post('suspension')
  @Answers()
  @ApiOkResponse({ type: ReceiptAnswer })
  async suspend(
    @Param('agency') member: string,
    @Body() body: StandingBody,
    @Caller() context: CallerContext,
  ): Promise<ReceiptAnswer> {
    const { agency, caller, at } = identify(this.gateway, context);
    const request = { agency: inPath(member, AGENCY) as AgencyId, reason: body.reason };
    const { receipt } = await suspendAgency(this.gateway, agency, caller, request, at);
    return { receipt: receiptText(receipt) };
  }

  @ApiOperation({ summary: 'The operator ends the suspension of a member' })
  @Post('resumption')
  @Answers()
  @ApiOkResponse({ type: ReceiptAnswer })
  async resume(
    @Param('agency') member: string,
    @Body() body: StandingBody,
    @Caller() context: CallerContext,
  ): Promise<ReceiptAnswer> {
    const { agency, caller, at } = identify(this.gateway, context);
    const request = { agency: inPath(member, AGENCY) as AgencyId, reason: body.reason };
    const { receipt } = await resumeAgency(this.gateway, agency, caller, request, at);
    return { receipt: receiptText(receipt) };
  }

  @ApiOperation({
    summary: 'The operator revokes a certificate, or an agency one of its own: nobody is let in with it any more',
  })
  @Post('certificates/:serial/revocation')
  @Answers()
  @ApiOkResponse({ type: ReceiptAnswer })
  async revoke(
    @Param('agency') member: string,
    @Param('serial') serial: string,
    @Body() body: StandingBody,
    @Caller() context: CallerContext,
  ): Promise<ReceiptAnswer> {
    const { agency, caller, at } = identify(this.gateway, context);
    const of = inPath(member, AGENCY) as AgencyId;
    const request = { agency: of, serial: parseSerial(inPath(serial, SERIAL)), reason: body.reason };
    const { receipt } = await revokeCertificate(this.gateway, agency, caller, request, at);
    return { receipt: receiptText(receipt) };
  }
}
