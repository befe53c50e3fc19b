import { Body, Controller, Get, Module, Param, Post, Query } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiProperty } from '@nestjs/swagger';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { IsArray, IsInt } from 'class-validator';
import * as fc from 'fast-check';
import { Answers } from './answers.js';
import { WithoutCaller } from './guards.js';
import { Many, One, Optional } from './nested.js';
import { serveOpenApi } from './openapi.js';
import { problemOf } from './problem.js';
import { readBody } from './read-body.js';
import { Text } from './text.js';
import { WebError } from './error.js';

class Note {
  @Text(/^[a-z]{1,5}$/, 'a short word') reason: string;
}

class Ask {
  @Text(/^h-\d+$/, 'a handle') subject: string;
  @IsArray() @Text(/^[a-z]+\.[a-z]+$/, 'a field', { each: true }) fields: string[];
  @ApiProperty({ type: 'integer' }) @Optional() @IsInt() count?: number;
  @Optional() @Many(() => Note) notes?: Note[];
  @Optional() @One(() => Note) last?: Note;
}

class Page {
  @Optional() @Text(/^\d+$/, 'a number') limit?: string;
}

class Answer {
  @ApiProperty({ type: 'string', nullable: true }) receipt: string | null;
}

@Controller('v1')
class Asked {
  @Post('asks')
  @Answers()
  ask(@Body() _body: Ask): Answer {
    return { receipt: null };
  }

  @Get('asks/:id')
  @WithoutCaller()
  one(@Param('id') _id: string, @Query() _page: Page): Answer {
    return { receipt: null };
  }
}

@Module({ controllers: [Asked] })
class AskedModule {}

describe('serveOpenApi', () => {
  let app: NestFastifyApplication;
  let document: ReturnType<typeof serveOpenApi>;

  beforeAll(async () => {
    app = await NestFactory.create<NestFastifyApplication>(AskedModule, new FastifyAdapter(), { logger: false });
    document = serveOpenApi(app, { title: 'Asked', version: '0.1.0', description: 'For this test.' });
    await app.init();
  });

  afterAll(async () => app.close());

  it('describes the controllers in valid OpenAPI 3.1', async () => {
    expect(document.openapi).toBe('3.1.0');
    const served = await app.inject({ method: 'GET', url: '/openapi.json' });
    expect(served.json()).toEqual(JSON.parse(JSON.stringify(document)));
    const judged = await new Validator().validate(served.json<Record<string, unknown>>());
    expect(judged.errors).toBeUndefined();
    expect(judged.valid).toBe(true);
    expect(JSON.stringify(document)).not.toContain('"nullable"');
  });

  it('would be told if it were not valid', async () => {
    const broken = { ...(JSON.parse(JSON.stringify(document)) as Record<string, unknown>), paths: { 'no-slash': 7 } };
    expect((await new Validator().validate(broken)).valid).toBe(false);
  });

  it('says how each operation is secured, and that it may answer a problem', () => {
    expect(document.security).toEqual([{ agency: [], caller: [] }]);
    expect(document.components?.securitySchemes).toMatchObject({
      agency: { type: 'mutualTLS' },
      caller: { type: 'apiKey', in: 'header', name: 'postern-caller' },
    });
    expect(document.paths['/v1/asks/{id}']?.get).toMatchObject({ security: [{ agency: [] }] });
    expect(document.paths['/v1/asks']?.post?.security).toBeUndefined();
    expect(document.paths['/v1/asks']?.post?.responses['default']).toMatchObject({
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    });
  });

  it('describes bodies as they are read: the schema and readBody accept the same', () => {
    const accepts = new Ajv2020({ strict: false }).addSchema(JSON.parse(JSON.stringify(document)) as object, 'doc');
    const schema = accepts.compile({ $ref: 'doc#/components/schemas/Ask' });
    const note = often({ reason: 'fire' }, { reason: '' }, { reason: 7 }, {}, { reason: 'fire', by: 1 }, null, 'x', []);
    const body = fc.record(
      {
        subject: often('h-1', 'x', 1, undefined),
        fields: fc.oneof(
          { weight: 9, arbitrary: fc.array(often('a.b', 'e', 1, null), { maxLength: 2 }) },
          { weight: 1, arbitrary: often([], 'a.b', {}) },
        ),
        count: often(1, 1.5, '1', null),
        notes: fc.oneof({ weight: 9, arbitrary: fc.array(note, { maxLength: 2 }) }, { weight: 1, arbitrary: note }),
        last: note,
      },
      { requiredKeys: ['subject', 'fields'] },
    );
    const seen = { yes: 0, no: 0 };
    fc.assert(
      fc.property(body, fc.integer({ min: 0, max: 9 }), (made, extra) => {
        // As it would arrive: what is undefined is not there.
        const value: unknown = JSON.parse(JSON.stringify(extra === 0 ? { ...made, extra } : made));
        const read = reads(value);
        seen[read ? 'yes' : 'no'] += 1;
        expect(schema(value)).toBe(read);
      }),
      { numRuns: 600, seed: 3 },
    );
    expect(Math.min(seen.yes, seen.no)).toBeGreaterThan(50);
  });

  it('describes problems as they are answered', () => {
    const ajv = new Ajv2020({ strict: false }).addFormat('uri', /^urn:/);
    const schema = ajv.compile(document.components?.schemas?.['Problem'] as object);
    const flaw = { pointer: '#/a', detail: 'is missing' };
    for (const error of [new WebError('BODY_INVALID', 'no', [flaw]), new Error('x'), 'x', undefined])
      expect(schema(problemOf(error, 'd-1'))).toBe(true);
  });
});

/** Mostly right, now and then wrong, so that about half of the bodies built from it are. */
function often(right: unknown, ...wrong: unknown[]): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 12, arbitrary: fc.constant(right) }, { weight: 1, arbitrary: fc.constantFrom(...wrong) });
}

function reads(value: unknown): boolean {
  try {
    readBody(Ask, value);
    return true;
  } catch (error) {
    if (error instanceof WebError) return false;
    throw error;
  }
}
