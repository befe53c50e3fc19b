import { ApiProperty } from '@nestjs/swagger';

/** The log's word that it is written: 112 bytes, of which the first 16 are the entry's id. */
export class ReceiptAnswer {
  @ApiProperty({ pattern: '^[A-Za-z0-9_-]{150}$', description: 'The log has written it: 112 bytes, base64url' })
  receipt: string;
}

export function receiptText(receipt: Uint8Array): string {
  return Buffer.from(receipt.buffer, receipt.byteOffset, receipt.length).toString('base64url');
}
