import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { inspect } from './inspect.js';
import { FLOORS } from './picture.js';

const ROOT = join(import.meta.dirname, '..', '..');

function house(): ReadonlyMap<string, string> {
  const tree = new Map<string, string>();
  for (const top of ['apps', 'libs'])
    for (const entry of readdirSync(join(ROOT, top), { recursive: true, withFileTypes: true }))
      if (entry.isFile() && /\.(tsx?|md)$/.test(entry.name)) {
        const path = join(entry.parentPath, entry.name);
        tree.set(relative(ROOT, path).split(sep).join('/'), readFileSync(path, 'utf8'));
      }
  return tree;
}

describe('the house', () => {
  it('stands as the picture shows', () => {
    expect(inspect(house())).toEqual([]);
  });

  it('gives every room of the picture its name', () => {
    const { imports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { imports: object };
    expect(Object.keys(imports).toSorted()).toEqual(
      FLOORS.flat()
        .map((room) => `#${room}`)
        .toSorted(),
    );
  });
});

const faces = FLOORS.flat().flatMap((room): [string, string][] => [
  [`libs/${room}/src/index.ts`, ''],
  [`libs/${room}/README.md`, ''],
]);
const apps = ['gateway', 'auditor', 'sandbox', 'cli'].map((app): [string, string] => [`apps/${app}/README.md`, '']);
/** A sound house with one file put into it. */
const withFile = (path: string, text: string) => inspect(new Map([...faces, ...apps, [path, text]]));

describe('inspect', () => {
  it.each<[string, string, string]>([
    ['libs/policy/src/decide.ts', `import { instantOf } from '#terms';`, 'a lower room'],
    [
      'libs/web/src/face.ts',
      `import { NestFactory } from '@nestjs/core';\nconst at = Date.now();`,
      'a framework on floor 3',
    ],
    [
      'libs/policy/src/decide.spec.ts',
      `import { readFileSync } from 'node:fs';\nsetTimeout(() => {}, process.pid);`,
      'files in a test',
    ],
    [
      'libs/terms/src/instant.ts',
      `export const at = (ms: number) => new Date(ms);\nexport const p = Date.parse('x');`,
      'a date from a number',
    ],
    [
      'libs/terms/src/names.ts',
      `const o = { process: 1, fetch: 2 };\no.process;\ninterface A { performance: number }\ntype P = typeof o.fetch;`,
      'members of those names',
    ],
    [
      'libs/ledger/src/drain.ts',
      `export function run(fetch: () => void, performance: { now(): number }) { fetch(); performance.now(); }`,
      'arguments of those names',
    ],
    [
      'libs/ledger/src/seal.ts',
      `import { createCipheriv, generateKeyPairSync } from 'node:crypto';`,
      'ciphers and keys',
    ],
    [
      'apps/auditor/src/main.ts',
      `import { verify } from '#ledger';\nimport { readFileSync } from 'node:fs';`,
      'the auditor reading files',
    ],
    ['apps/sandbox/src/main.ts', `import { start } from '../../gateway/src/main.js';`, 'the sandbox starting an app'],
    [
      'apps/sandbox/agencies/police.ts',
      `reply.code(401); response.statusCode = 500;`,
      'a stand-in that answers as its agency would',
    ],
    [
      'libs/connectors/src/rest.ts',
      `if (response.status === 404) throw new Error(); const is = { status: response.status };`,
      'statuses that are read',
    ],
    [
      'libs/policy/src/decide.spec.ts',
      `import { x } from '../test/bundles.js';\nimport { y } from '../../ledger/testonly/log.js';\nimport { z } from '#policy';`,
      'a test using what is written for tests',
    ],
    [
      'libs/policy/src/note.ts',
      `// import pg from 'pg'\nexport const text = "import fs from 'node:fs'; process.exit()";`,
      'comments and texts',
    ],
  ])('lets %s be: %#', (path, text) => {
    expect(withFile(path, text)).toEqual([]);
  });

  it.each<[string, string, string]>([
    [
      'libs/policy/src/decide.ts',
      `import { disclose } from '#disclosure';`,
      "libs/policy/src/decide.ts:1 imports '#disclosure': imports run downward",
    ],
    [
      'libs/policy/src/decide.ts',
      `\nimport type { Consent } from '#consent';`,
      "libs/policy/src/decide.ts:2 imports '#consent': rooms on one floor",
    ],
    ['libs/policy/src/decide.ts', `type C = import('#consent').Consent;`, "imports '#consent': rooms on one floor"],
    ['libs/policy/src/decide.ts', `export * from '#web';`, "imports '#web': imports run downward"],
    ['libs/policy/src/decide.ts', `const w = await import('#web');`, "imports '#web': imports run downward"],
    ['libs/policy/src/decide.ts', `const w = await import(name);`, "imports '(computed)'"],
    [
      'libs/policy/src/decide.ts',
      `import { Consent } from '../../consent/src/consent.js';`,
      'another room is reached by its name, #consent',
    ],
    [
      'libs/policy/src/decide.ts',
      `import { main } from '../../../apps/gateway/src/main.js';`,
      'a room does not know the apps',
    ],
    ['libs/policy/src/decide.ts', `import { x } from '../../../test/postgres.js';`, 'it lies outside the house'],
    ['libs/policy/src/decide.ts', `import { parse } from '#policy';`, 'import the file that defines it'],
    ['libs/policy/src/decide.ts', `import { parse } from './index.js';`, 'import the file that defines it'],
    ['libs/policy/src/decide.ts', `import { x } from '#policy/inner';`, 'no room of that name'],
    ['libs/policy/src/decide.spec.ts', `import { disclose } from '#disclosure';`, 'imports run downward'],
    ['libs/policy/test/bundles.ts', `import { disclose } from '#disclosure';`, 'imports run downward'],
    ['libs/policy/src/decide.ts', `import { x } from '../test/bundles.js';`, 'it is written for tests only'],
    ['libs/policy/src/decide.ts', `import { x } from './mara.fixture.js';`, 'it is written for tests only'],
    ['libs/ledger/src/leaf.ts', `import { AgencyId } from '#terms';`, 'rooms on one floor'],
    [
      'libs/disclosure/src/disclose.ts',
      `import { Injectable } from '@nestjs/common';`,
      "imports '@nestjs/common': floors 0 to 2 are plain",
    ],
    ['libs/disclosure/src/disclose.ts', `import { Entity } from 'typeorm';`, "imports 'typeorm'"],
    ['libs/disclosure/src/disclose.ts', `import pg from 'pg';`, "imports 'pg'"],
    ['libs/terms/src/read.ts', `import { readFileSync } from 'node:fs';`, "imports 'node:fs'"],
    ['libs/terms/src/read.ts', `import fs from 'fs';`, "imports 'fs'"],
    ['libs/terms/src/read.ts', `import net = require('net');`, "imports 'net'"],
    ['libs/terms/src/read.ts', `const https = require('https');`, "imports 'https'"],
    [
      'libs/consent/src/state.ts',
      `export const now = () => Date.now();`,
      'libs/consent/src/state.ts:1 uses Date.now, which is the clock',
    ],
    ['libs/consent/src/state.ts', `export const now = () => Date['now']();`, 'uses Date.now'],
    ['libs/consent/src/state.ts', `export const now = () => new Date();`, 'uses new Date()'],
    ['libs/consent/src/state.ts', `export const now = () => new Date;`, 'uses new Date()'],
    ['libs/consent/src/state.ts', `export const now = () => Date();`, 'uses Date()'],
    ['libs/consent/src/state.ts', `const id = Math.random();`, 'uses Math.random, which is chance'],
    ['libs/consent/src/state.ts', `const id = crypto.randomUUID();`, 'uses crypto.randomUUID'],
    [
      'libs/matching/src/code.ts',
      `import { createHmac, randomBytes as bytes } from 'node:crypto';`,
      'randomBytes is chance',
    ],
    ['libs/consent/src/state.ts', `const debug = process.env.DEBUG;`, 'uses process, which is the environment'],
    ['libs/consent/src/state.ts', `const { env } = process;`, 'uses process'],
    ['libs/consent/src/state.ts', `const e = { process };`, 'uses process'],
    ['libs/consent/src/state.ts', `await fetch('https://example.org');`, 'uses fetch, which is the network'],
    ['libs/consent/src/state.ts', `globalThis['process'].exit();`, 'uses globalThis'],
    ['libs/consent/src/state.ts', `setTimeout(() => {}, 1);`, 'uses setTimeout, which is the clock'],
    ['libs/consent/src/state.ts', `eval('1');`, 'uses eval'],
    ['apps/auditor/src/main.ts', `import { parseBundle } from '#policy';`, 'apps/auditor depends on'],
    ['apps/cli/src/main.ts', `import { start } from '../../gateway/src/main.js';`, 'an app does not know another app'],
    ['apps/gateway/src/ask.ts', `import { HttpCode } from '@nestjs/common';`, 'chooses an HTTP status (HttpCode)'],
    [
      'apps/gateway/src/ask.ts',
      `import { Get, NotFoundException } from '@nestjs/common';`,
      'chooses an HTTP status (NotFoundException)',
    ],
    ['apps/gateway/src/ask.ts', `reply.status(403).send();`, 'chooses an HTTP status (status(403))'],
    ['libs/disclosure/src/error.ts', `export const unknown = { status: 404 };`, 'chooses an HTTP status (status: 404)'],
    ['libs/postgres/src/error.ts', `error.statusCode = 500;`, 'chooses an HTTP status (statusCode = 500)'],
    ['libs/helpers/src/index.ts', `export const x = 1;`, 'libs/helpers stands on no floor'],
    ['libs/helpers/src/index.ts', `export const x = 1;`, 'libs/helpers has no README.md'],
    ['apps/portal/src/main.ts', `export const x = 1;`, 'apps/portal has no README.md'],
  ])('names what is wrong in %s: %s', (path, text, says) => {
    expect(withFile(path, text)).toContainEqual(expect.stringContaining(says));
  });

  it('names a loop, whole and once', () => {
    const loop = new Map([
      ...faces,
      ['libs/policy/src/a.ts', `import { b } from './b.js';`],
      ['libs/policy/src/b.ts', `import type { C } from './c.js';`],
      ['libs/policy/src/c.ts', `export { a } from './a.js';`],
      ['libs/policy/src/d.ts', `import { a } from './a.js';`],
    ] as const);
    expect(inspect(loop)).toEqual([
      'libs/policy/src/a.ts imports libs/policy/src/b.ts imports libs/policy/src/c.ts imports libs/policy/src/a.ts: a loop',
    ]);
  });
});
