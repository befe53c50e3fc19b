import { readdirSync } from 'node:fs';
import path from 'node:path';
import { RequestMethod } from '@nestjs/common';
import { Validator } from '@seriousme/openapi-schema-validator';
import { type County, shelter, startCounty } from '../testonly/county.js';
import { contractOf } from '../testonly/contract.js';

/** That live answers are as described is held in `testonly/county.ts`, for every exchange of every test. */
describe('the served description', () => {
  let county: County;
  let document: Record<string, unknown> & {
    paths: Record<string, Record<string, Operation>>;
    components: { schemas: object };
  };

  interface Operation {
    readonly summary?: string;
    readonly requestBody?: { readonly content: Record<string, { readonly schema: { readonly $ref: string } }> };
  }

  beforeAll(async () => {
    county = await startCounty();
    document = JSON.parse(JSON.stringify(county.gateway.document)) as typeof document;
  }, 60_000);

  afterAll(() => county.close());

  it('is valid OpenAPI 3.1', async () => {
    const judged = await new Validator().validate(document);
    expect(judged.errors).toBeUndefined();
    expect(document).toMatchObject({ openapi: '3.1.0' });
  });

  it('has every route that there is in the code, each with a summary, and no other', async () => {
    const described = Object.entries(document.paths).flatMap(([route, operations]) =>
      Object.entries(operations).map(([method, { summary }]) => `${method} ${route}: ${summary !== undefined}`),
    );
    expect(described.toSorted()).toEqual((await routesInCode()).map(({ name }) => `${name}: true`).toSorted());
  });

  it('names the class of every body, and has a schema for every class of the wire', async () => {
    const schemas = Object.keys(document.components.schemas);
    for (const { name, body } of await routesInCode()) {
      const [method = '', route = ''] = name.split(' ');
      const schema = document.paths[route]?.[method]?.requestBody?.content['application/json']?.schema.$ref;
      expect([name, schema]).toEqual([name, body && `#/components/schemas/${body}`]);
    }
    for (const written of await classesOfTheWire()) expect(schemas).toContain(written);
  });

  it('would be found out if it said something else', async () => {
    const hold = contractOf(county.gateway.document);
    const uniform = { decision: '0b1e2f9a-7c1d-4a55-8e02-5d6f3a9b1c77', receipt: 'A'.repeat(150) };
    const asked = { method: 'POST', target: '/v1/disclosures', status: 200, type: 'application/json', sent: {} };
    expect(() => hold({ ...asked, answer: { ...uniform, policy: 'x' } })).toThrow('not as described');
    expect(() => hold({ ...asked, answer: { decision: uniform.decision } })).toThrow('not as described');
    expect(() => hold({ ...asked, answer: uniform })).toThrow('what POST /v1/disclosures took');
    expect(() => hold({ ...asked, status: 202, answer: uniform })).toThrow('202');
    expect(() => hold({ ...asked, target: '/v1/other', answer: uniform })).toThrow('is not described');
  });

  it('is served to any agency that may connect', async () => {
    const served = await county.as(shelter).get('/openapi.json');
    expect([served.status, served.body]).toEqual([200, document]);
  });
});

interface RouteInCode {
  readonly name: string;
  /** The class of its body. */
  readonly body: string | undefined;
}

type Class = abstract new (...given: never[]) => object;

async function classesIn(folder: string): Promise<readonly Class[]> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'));
  const loaded = await Promise.all(
    files.map((name) => import(path.join(folder, name)) as Promise<Record<string, unknown>>),
  );
  return loaded.flatMap((exported) => Object.values(exported)).filter((made) => typeof made === 'function') as Class[];
}

const ROUTES = path.join(import.meta.dirname, 'routes');

/** Those that stand for themselves: one that others extend is part of theirs. */
async function classesOfTheWire(): Promise<readonly string[]> {
  const classes = await classesIn(ROUTES);
  const parents = new Set(classes.map((made): unknown => Object.getPrototypeOf(made)));
  return classes.filter((made) => /(Body|Answer)$/.test(made.name) && !parents.has(made)).map(({ name }) => name);
}

async function routesInCode(): Promise<readonly RouteInCode[]> {
  const controllers = (await classesIn(ROUTES)).filter((made) => made.name.endsWith('Controller'));
  return controllers.flatMap((controller) => {
    const prototype = controller.prototype as Readonly<Record<string, object>>;
    const names = Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor');
    return names.flatMap((name): RouteInCode[] => {
      const route: unknown = Reflect.getMetadata('path', prototype[name] ?? {});
      if (typeof route !== 'string') return [];
      const method = RequestMethod[Number(Reflect.getMetadata('method', prototype[name] ?? {}))] ?? '';
      const joined = `/${String(Reflect.getMetadata('path', controller))}/${route}`;
      const described = joined
        .replaceAll(/\/+/g, '/')
        .replace(/\/$/, '')
        .replaceAll(/:(\w+)/g, '{$1}');
      const types = (Reflect.getMetadata('design:paramtypes', prototype, name) ?? []) as Class[];
      const body = types.find((type) => type.name.endsWith('Body'))?.name;
      return [{ name: `${method.toLowerCase()} ${described}`, body }];
    });
  });
}
