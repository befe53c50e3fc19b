import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiProperty, ApiOperation } from '@nestjs/swagger';
import type { Consent, PermitEnd } from '#consent';
import { type Agency, confirmConsent, consentsToConfirm, recordConsent } from '#disclosure';
import { type ConsentId, type FieldName, type HandleId, type Level, levelName } from '#terms';
import { Answers, Caller, type CallerContext } from '#web';
import { Gateway } from '../gateway.js';
import { ConsentAnswer, ConsentBody, directiveOf } from './consent-body.js';
import { identify } from './identify.js';
import { ownHandleFor } from './own-handle-for.js';
import { ReceiptAnswer, receiptText } from './receipt.js';
import { HANDLE, ID, inPath, OneOf } from './shapes.js';
import { momentOf } from './words.js';

export class ConfirmationBody {
  /** `she`: she said so herself, before the caller as her witness. */
  @OneOf('discloser', 'she') kind: 'discloser' | 'she';
}

class ConfirmationAnswer extends ReceiptAnswer {
  @ApiProperty({ enum: ['active', 'pending'] }) state: Consent['state'];
}

class PendingEnd {
  @ApiProperty({ enum: ['once', 'at', 'date'] }) kind: PermitEnd['kind'];
  @ApiProperty({ required: false, format: 'date-time' }) instant?: string;
  @ApiProperty({ required: false, format: 'date' }) date?: string;
  @ApiProperty({ required: false }) timeZone?: string;
}

class PendingMember {
  @ApiProperty() agency: string;
  @ApiProperty() officer: string;
}

class PendingConsent {
  @ApiProperty({ pattern: ID.source }) id: string;
  @ApiProperty({ pattern: HANDLE.source, description: 'The handle of this agency for her' }) handle: string;
  @ApiProperty({ type: [String] }) recipients: readonly string[];
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } }) fields: Readonly<Record<string, string>>;
  @ApiProperty({ type: [String] }) purposes: readonly string[];
  @ApiProperty() end: PendingEnd;
  @ApiProperty() recordedBy: PendingMember;
  @ApiProperty({ format: 'date-time' }) recordedAt: string;
}

class PendingAnswer {
  @ApiProperty({ type: [PendingConsent] }) consents: readonly PendingConsent[];
}

@Controller('v1/consents')
export class ConsentsController {
  constructor(private readonly gateway: Gateway) {}

  @ApiOperation({
    summary: 'What she said, recorded with her. `pending` where the agency that records it gains from it',
  })
  @Post()
  @ApiCreatedResponse({ type: ConsentAnswer })
  async record(@Body() body: ConsentBody, @Caller() context: CallerContext): Promise<ConsentAnswer> {
    const { agency, caller, at } = identify(this.gateway, context);
    const { directory, policy } = this.gateway;
    const said = directiveOf(body, { vocabulary: policy.vocabulary, agencies: directory }, at);
    const request = { subject: body.subject as HandleId, ...said };
    const { receipt, result } = await recordConsent(this.gateway, agency, caller, request, at);
    return { consent: result.id, state: result.state, receipt: receiptText(receipt) };
  }

  @ApiOperation({ summary: "Releases that wait for this agency's word" })
  @Get('pending')
  @ApiOkResponse({ type: PendingAnswer })
  async pending(@Caller() context: CallerContext): Promise<PendingAnswer> {
    await this.gateway.sequencer.catchUp();
    const { agency, caller, at } = identify(this.gateway, context);
    const waiting = consentsToConfirm(this.gateway, agency, caller, at);
    return { consents: waiting.flatMap((consent) => this.#shown(consent, agency)) };
  }

  @ApiOperation({ summary: 'A discloser, or she herself before a witness of this agency, confirms a pending release' })
  @Post(':id/confirmation')
  @Answers()
  @ApiOkResponse({ type: ConfirmationAnswer })
  async confirm(
    @Param('id') id: string,
    @Body() body: ConfirmationBody,
    @Caller() context: CallerContext,
  ): Promise<ConfirmationAnswer> {
    const { agency, caller, at } = identify(this.gateway, context);
    const consent = inPath(id, ID) as ConsentId;
    const { receipt, result } = await confirmConsent(this.gateway, agency, caller, consent, body.kind, at);
    return { state: result.state, receipt: receiptText(receipt) };
  }

  #shown(consent: Consent, agency: Agency): readonly PendingConsent[] {
    const { directive } = consent;
    const handle = ownHandleFor(this.gateway, consent.person, agency.id);
    if (directive.kind !== 'permit' || consent.state !== 'pending' || handle === undefined) return [];
    const { recipients, fields, purposes, end } = directive.scope;
    const { recordedBy, recordedAt } = consent.signing;
    return [
      {
        id: consent.id,
        handle,
        recipients,
        fields: this.#levels(fields),
        purposes,
        end: end.kind === 'at' ? { kind: end.kind, instant: momentOf(end.instant) } : end,
        recordedBy,
        recordedAt: momentOf(recordedAt),
      },
    ];
  }

  #levels(levels: ReadonlyMap<FieldName, Level>): Readonly<Record<string, string>> {
    const { fields } = this.gateway.policy.vocabulary;
    return Object.fromEntries(
      [...levels].flatMap(([name, level]) => {
        const field = fields.get(name);
        return field === undefined ? [] : [[name, levelName(field, level)]];
      }),
    );
  }
}
