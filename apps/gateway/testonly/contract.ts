import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { OpenAPIObject } from '@nestjs/swagger';

/** One exchange as it went over the wire. */
export interface Exchanged {
  readonly method: string;
  readonly target: string;
  readonly sent: unknown;
  readonly status: number;
  readonly type: string;
  readonly answer: unknown;
}

/** Throws where what was said differs from what the served description says. */
export type Contract = (exchanged: Exchanged) => void;

interface Operation {
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >;
}

/**
 * Holds live exchanges against the description that the gateway serves. Answers are closed first: a field that the
 * description does not name is a difference too.
 */
export function contractOf(document: OpenAPIObject): Contract {
  const closed = JSON.parse(JSON.stringify(document)) as OpenAPIObject;
  for (const schema of Object.values(closed.components?.schemas ?? {}))
    if ('properties' in schema && !('additionalProperties' in schema) && !('unevaluatedProperties' in schema))
      Object.assign(schema, { additionalProperties: false });
  const ajv = new Ajv2020({ strict: false })
    .addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    .addFormat('date', /^\d{4}-\d\d-\d\d$/)
    .addFormat('uri', /^urn:/)
    .addSchema(closed, 'api');
  const compiled = new Map<string, ValidateFunction>();
  const check = (pointer: string, value: unknown, what: string): void => {
    const judge = compiled.get(pointer) ?? ajv.compile({ $ref: `api#${pointer}` });
    compiled.set(pointer, judge);
    if (!judge(value)) throw new Error(`${what} is not as described: ${ajv.errorsText(judge.errors)}`);
  };
  const templates = Object.keys(closed.paths).map((path) => {
    const shape = new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
    // `/v1/link-codes/redemptions` is itself and not an id.
    return { path, shape, parts: path.split('{').length };
  });
  return ({ method, target, sent, status, type, answer }) => {
    const [path = ''] = target.split('?', 1);
    const fitting = templates.filter(({ shape }) => shape.test(path)).toSorted((a, b) => a.parts - b.parts)[0];
    const operation = fitting && operationOf(closed, fitting.path, method.toLowerCase());
    if (fitting === undefined || operation === undefined) {
      if (status < 400) throw new Error(`${method} ${path} answers and is not described`);
      return;
    }
    const at = `/paths/${escaped(fitting.path)}/${method.toLowerCase()}`;
    const what = `${method} ${fitting.path}`;
    const said = operation.responses[String(status)];
    const response = said === undefined ? 'default' : String(status);
    if (status < 400 && said === undefined) throw new Error(`${what} answers ${status}, which is not described`);
    if (operation.responses[response]?.content?.[type] === undefined)
      throw new Error(`${what} answers ${status} as ${type}, which is not described`);
    check(`${at}/responses/${response}/content/${escaped(type)}/schema`, answer, `the ${status} of ${what}`);
    if (status < 400 && operation.requestBody !== undefined)
      check(`${at}/requestBody/content/application~1json/schema`, sent, `what ${what} took`);
  };
}

function operationOf(document: OpenAPIObject, path: string, method: string): Operation | undefined {
  return (document.paths[path] as unknown as Readonly<Record<string, Operation>> | undefined)?.[method];
}

function escaped(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
}
