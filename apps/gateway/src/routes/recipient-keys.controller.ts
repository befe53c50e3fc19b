import { Body, Controller, Param, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiProperty } from '@nestjs/swagger';
import { publishRecipientKey, withdrawRecipientKey } from '#disclosure';
import { Answers, Caller, type CallerContext, Text } from '#web';
import { Gateway } from '../gateway.js';
import { identify } from './identify.js';
import { ReceiptAnswer, receiptText } from './receipt.js';
import { inPath, OneOf } from './shapes.js';

const KID = /^[A-Za-z0-9_-]{43}$/;

/** The public half alone: a private key has fields that this does not take. */
export class RecipientKeyBody {
  @OneOf('OKP') kty: 'OKP';
  @OneOf('X25519') crv: 'X25519';
  @Text(KID, 'a public key: 32 bytes, base64url') x: string;
}

class RecipientKeyAnswer extends ReceiptAnswer {
  @ApiProperty({ pattern: KID.source, description: 'Its thumbprint, as in RFC 7638' }) kid: string;
}

@Controller('v1/recipient-keys')
export class RecipientKeysController {
  constructor(private readonly gateway: Gateway) {}

  @ApiOperation({
    summary: 'The agency publishes a key under which sources that Postern cannot read seal what it is told',
  })
  @Post()
  @ApiCreatedResponse({ type: RecipientKeyAnswer })
  async publish(@Body() body: RecipientKeyBody, @Caller() context: CallerContext): Promise<RecipientKeyAnswer> {
    const { agency, caller, at } = identify(this.gateway, context);
    const { receipt, result } = await publishRecipientKey(this.gateway, agency, caller, body, at);
    return { kid: result, receipt: receiptText(receipt) };
  }

  @ApiOperation({ summary: 'The agency withdraws a key of its own: nothing is sealed under it any more' })
  @Post(':kid/withdrawal')
  @Answers()
  @ApiOkResponse({ type: ReceiptAnswer })
  async withdraw(@Param('kid') kid: string, @Caller() context: CallerContext): Promise<ReceiptAnswer> {
    const { agency, caller, at } = identify(this.gateway, context);
    const { receipt } = await withdrawRecipientKey(this.gateway, agency, caller, inPath(kid, KID), at);
    return { receipt: receiptText(receipt) };
  }
}
