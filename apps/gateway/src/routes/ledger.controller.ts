import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiProduces, ApiProperty, ApiOperation } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { DisclosureError } from '#disclosure';
import { proveConsistency, proveInclusion } from '#postgres';
import { Text, WithoutCaller } from '#web';
import { Gateway } from '../gateway.js';
import { ID } from './shapes.js';
import { Words } from './words.js';

const SIZE = /^(0|[1-9]\d{0,14})$/;
const HASH = { type: 'string', pattern: '^[A-Za-z0-9+/]{43}=$' } as const;

export class InclusionQuery {
  @Text(ID, 'the id of an entry: the first 16 bytes of a receipt, in hex') entry: string;
}

export class ConsistencyQuery {
  @Text(SIZE, 'the size of an earlier checkpoint') from: string;
  @Text(SIZE, 'the size of a later checkpoint') to: string;
}

class InclusionAnswer {
  @ApiProperty({ pattern: ID.source }) entry: string;
  @ApiProperty({ type: 'integer' }) index: number;
  @ApiProperty({ description: 'SHA-256, base64', ...HASH }) leaf: string;
  @ApiProperty({ type: 'array', items: HASH, description: 'As in RFC 6962, section 2.1.1' }) proof: readonly string[];
  @ApiProperty({ description: 'The signed checkpoint that the proof leads to (C2SP note)' }) checkpoint: string;
}

class ConsistencyAnswer {
  @ApiProperty({ type: 'integer' }) from: number;
  @ApiProperty({ type: 'integer' }) to: number;
  @ApiProperty({ type: 'array', items: HASH, description: 'As in RFC 6962, section 2.1.2' }) proof: readonly string[];
}

/** Whoever may connect may check the log: it shows hashes and sizes, and what is behind them to nobody. */
@Controller('v1/ledger')
export class LedgerController {
  constructor(private readonly gateway: Gateway) {}

  @ApiOperation({ summary: 'The newest signed checkpoint, as a note' })
  @Get('checkpoint')
  @WithoutCaller()
  @ApiProduces('text/plain')
  @ApiOkResponse({ content: { 'text/plain': { schema: { type: 'string' } } } })
  async checkpoint(@Res() reply: FastifyReply): Promise<void> {
    const { note } = await this.gateway.checkpoints.newest();
    await reply.header('content-type', 'text/plain; charset=utf-8').send(note);
  }

  @ApiOperation({ summary: 'That an entry is in the log, up to the newest checkpoint' })
  @Get('proofs/inclusion')
  @WithoutCaller()
  @ApiOkResponse({ type: InclusionAnswer })
  async inclusion(@Query() { entry }: InclusionQuery): Promise<InclusionAnswer> {
    const found = await this.gateway.entries.find(Buffer.from(entry, 'hex'));
    const { size, note } = await this.gateway.checkpoints.newest();
    // An entry younger than the newest checkpoint is not there yet, and is not told from one that never will be.
    if (found === undefined || found.seq >= size)
      throw new DisclosureError('ENTRY_UNKNOWN', 'no checkpoint holds this entry; if the log does, the next one will');
    const proof = await proveInclusion(this.gateway.pool, found.seq, size);
    return { entry, index: found.seq, leaf: base64(found.leaf), proof: proof.map(base64), checkpoint: note };
  }

  @ApiOperation({ summary: 'That the log of one size begins with the log of another' })
  @Get('proofs/consistency')
  @WithoutCaller()
  @ApiOkResponse({ type: ConsistencyAnswer })
  async consistency(@Query() query: ConsistencyQuery): Promise<ConsistencyAnswer> {
    const from = Number(query.from);
    const to = Number(query.to);
    const { size } = await this.gateway.checkpoints.newest();
    const words = new Words();
    if (from < 1) words.flaw('#/from', 'is at least 1: from an empty log nothing can be shown');
    if (from > to) words.flaw('#/from', 'is not larger than the size that it leads to');
    if (to > size) words.flaw('#/to', 'is not larger than the newest checkpoint');
    words.check();
    const proof = await proveConsistency(this.gateway.pool, from, to);
    return { from, to, proof: proof.map(base64) };
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}
