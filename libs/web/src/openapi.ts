import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { CALLER_HEADER } from './caller-context.js';
import { PROBLEM_TYPE } from './problem-filter.js';
import { PROBLEM_CODES } from './problem.js';

export interface About {
  readonly title: string;
  readonly version: string;
  readonly description: string;
}

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;
type Schema = Schemas[string];

/**
 * Describes what a face's controllers really take, as OpenAPI 3.1, and serves it at `/openapi.json`. Every operation says
 * how it is secured and that it may answer a problem; every body says that it takes no other fields.
 *
 * @example serveOpenApi(app, { title: 'Postern', version: '0.1.0', description: 'For agencies.' });
 */
export function serveOpenApi(app: NestFastifyApplication, about: About): OpenAPIObject {
  const document = describe(app, about);
  const text = Buffer.from(JSON.stringify(document));
  app
    .getHttpAdapter()
    .getInstance()
    .get('/openapi.json', (_request, reply) => {
      void reply.header('content-type', 'application/json').send(text);
    });
  return document;
}

function describe(app: NestFastifyApplication, { title, version, description }: About): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle(title)
    .setVersion(version)
    .setDescription(description)
    .addSecurityRequirements({ agency: [], caller: [] })
    .addSecurity('caller', {
      type: 'apiKey',
      in: 'header',
      name: CALLER_HEADER,
      description: 'Who at the agency is asking: a JWS signed with Ed25519 under a key that the agency enrolled',
    });
  const document = SwaggerModule.createDocument(app, builder.build());
  const components = (document.components ??= {});
  // Known to OpenAPI since 3.1, and not yet to the generator's types.
  const mutualTls = { type: 'mutualTLS', description: 'The certificate that was issued to the agency' };
  components.securitySchemes = { ...components.securitySchemes, agency: mutualTls as never };
  const schemas: Schemas = (components.schemas ??= {});
  for (const path of Object.values(document.paths))
    for (const operation of [path.get, path.post, path.put, path.patch, path.delete]) {
      if (operation === undefined) continue;
      const { requestBody } = operation;
      if (requestBody !== undefined && 'content' in requestBody)
        for (const { schema } of Object.values(requestBody.content)) if (schema !== undefined) close(schema, schemas);
      operation.responses['default'] = {
        description: 'A problem (RFC 9457)',
        content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
      };
    }
  schemas['Problem'] = PROBLEM;
  return document;
}

/** Says of a schema, and of those it names, what `readBody` does: no other fields. */
function close(schema: Schema, schemas: Schemas): void {
  if ('$ref' in schema) {
    const named = schemas[schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)];
    if (named !== undefined && !('additionalProperties' in named)) close(named, schemas);
    return;
  }
  if (schema.properties !== undefined) schema.additionalProperties = false;
  for (const part of [...Object.values(schema.properties ?? {}), schema.items, ...(schema.allOf ?? [])])
    if (part !== undefined) close(part, schemas);
}

const PROBLEM: Schema = {
  type: 'object',
  required: ['type', 'title', 'status', 'code'],
  properties: {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', enum: [...PROBLEM_CODES] },
    detail: { type: 'string' },
    decisionId: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['pointer', 'detail'],
        properties: { pointer: { type: 'string' }, detail: { type: 'string' } },
      },
    },
  },
};
