import { randomBytes, randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AgencyId } from '#terms';
import { type County, hospital, police, startCounty } from '../testonly/county.js';
import type { GatewayConfig } from './config.js';
import { GatewayError } from './error.js';
import { startGateway } from './start-gateway.js';

describe('starting a gateway', () => {
  let county: County;
  const folder = mkdtempSync(path.join(tmpdir(), 'postern-start-'));

  beforeAll(async () => {
    county = await startCounty();
  }, 60_000);

  afterAll(async () => {
    await county.close();
    rmSync(folder, { recursive: true });
  });

  /** What a start with this change says, and how many connections to a database it leaves behind. */
  async function said(change: Partial<GatewayConfig>): Promise<{ code: string; message: string; left: number }> {
    const name = `start ${randomUUID()}`;
    const config = { ...county.config, ...change };
    const error: unknown = await startGateway({ ...config, database: named(config, name) }).then(
      async (gateway) => gateway.close(),
      (cause: unknown) => cause,
    );
    if (!(error instanceof GatewayError)) throw new Error('no GatewayError', { cause: error });
    return { code: error.code, message: error.message, left: await connectionsLeft(name) };
  }

  /** A session ends a moment after its client has said so; one that was forgotten stays. */
  async function connectionsLeft(name: string): Promise<number> {
    const patience = performance.now() + 10_000;
    for (;;) {
      const left = await connections(name);
      if (left === 0 || performance.now() > patience) return left;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async function connections(name: string): Promise<number> {
    const text = 'SELECT count(*) AS n FROM pg_stat_activity WHERE application_name = $1';
    const { rows } = await county.owner.query<{ n: string }>(text, [name]);
    return Number(rows[0]?.n);
  }

  async function logSize(): Promise<number> {
    const { rows } = await county.owner.query<{ size: string }>('SELECT size FROM ledger.head');
    return Number(rows[0]?.size);
  }

  const url = (part: Partial<Record<'port' | 'pathname' | 'password' | 'hostname', string>>): string =>
    Object.assign(new URL(county.config.database.url), part).href;

  it('says in one sentence that the port is taken', async () => {
    const { port } = county.gateway;
    expect(await said({ listen: { host: '127.0.0.1', port } })).toEqual({
      code: 'PORT_TAKEN',
      message: `Port ${port} on 127.0.0.1 is taken by another program.`,
      left: 0,
    });
  });

  it.each<[string, () => Partial<GatewayConfig>, RegExp]>([
    [
      'DATABASE_UNREACHABLE',
      () => ({ database: { ...county.config.database, url: url({ port: '1' }) } }),
      /ECONNREFUSED/,
    ],
    ['DATABASE_UNREACHABLE', () => ({ database: { ...county.config.database, url: url({ password: 'x' }) } }), /28P01/],
    [
      'DATABASE_UNREACHABLE',
      () => ({ database: { ...county.config.database, url: url({ pathname: '/none' }) } }),
      /3D000/,
    ],
    ['DATABASE_FORGETFUL', () => ({ database: { ...county.config.database, durability: 'required' } }), /fsync/],
    [
      'DATABASE_OF_ANOTHER_LOG',
      () => ({ ledger: { ...county.config.ledger, origin: 'other.example/log' } }),
      /other\.example/,
    ],
    ['MASTER_KEY_WRONG', () => ({ masterKey: randomBytes(32) }), /master key/],
    ['LEASE_DIFFERS', () => ({ limits: { ...county.config.limits, lease: 300 } }), /lease of 250 ms.* 300 ms/],
    ['OPERATOR_UNKNOWN', () => ({ operator: 'nobody' as AgencyId }), /nobody/],
    ['POLICIES_INVALID', () => ({ policies: path.join(folder, 'none') }), /ENOENT/],
    [
      'MAPPING_INVALID',
      () => ({ sources: county.config.sources.map((source) => ({ ...source, mapping: '/none.yaml' })) }),
      /ENOENT/,
    ],
    ['CONFIG_INVALID', () => ({ limits: { ...county.config.limits, uniform: 100 } }), /source < uniform/],
  ])('says %s in one sentence and leaves nothing running', async (code, change, words) => {
    const error = await said(change());
    expect(error).toEqual({ code, message: expect.stringMatching(words), left: 0 });
    expect(error.message).toMatch(/^[A-Z0-9][^\n]*\.$/);
    expect(error.message).not.toContain('only%20in%20tests');
  });

  it('says that a database was never prepared', async () => {
    const empty = `empty_${randomBytes(6).toString('hex')}`;
    await county.owner.query(`CREATE DATABASE ${empty}`);
    const database = { ...county.config.database, url: url({ pathname: `/${empty}` }) };
    expect((await said({ database })).code).toBe('DATABASE_NOT_PREPARED');
  });

  it('says that a database was prepared for an earlier one only', async () => {
    await county.owner.query('ALTER TABLE postern.agency RENAME COLUMN entity_classes TO not_there_yet');
    try {
      expect((await said({})).code).toBe('DATABASE_NOT_PREPARED');
    } finally {
      await county.owner.query('ALTER TABLE postern.agency RENAME COLUMN not_there_yet TO entity_classes');
    }
  });

  it('names the first mistake of the policies at its place', async () => {
    cpSync(county.config.policies, path.join(folder, 'policies'), { recursive: true });
    writeFileSync(path.join(folder, 'policies', 'core', 'more.yaml'), 'rules:\n- rule: x\n  shaer: [everything]\n');
    const error = await said({ policies: path.join(folder, 'policies') });
    expect(error).toMatchObject({ code: 'POLICIES_INVALID', message: expect.stringContaining('core/more.yaml:') });
  });

  it('refuses rules that nobody has checked, unless an officer signs for them', async () => {
    const { uncheckedRules: _signed, ...unsigned } = county.config;
    const started = startGateway(unsigned);
    await expect(started).rejects.toBeInstanceOf(GatewayError);
    await expect(started).rejects.toMatchObject({
      code: 'RULES_UNCHECKED',
      message: expect.stringMatching(
        /^\d+ rules have been checked by nobody yet, [^\n]*uncheckedRules[^\n]*\.$/,
      ) as string,
    });
    expect(JSON.parse(county.lines[0] ?? '')).toMatchObject({
      event: 'listening',
      policies: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      uncheckedRules: expect.any(Number) as number,
      signedBy: 'tests',
      on: '2026-01-01',
    });
  });

  it('publishes policies once, however often it starts', async () => {
    const publications = async () =>
      (await county.owner.query<{ n: string }>('SELECT count(*) AS n FROM postern.publication')).rows[0]?.n;
    expect(await publications()).toBe('1');
    await (await county.another()).close();
    expect(await publications()).toBe('1');
  });

  it('answers what is under way before it ends, and leaves no connection', async () => {
    const limits = { ...county.config.limits, uniform: 2_000 };
    const other = await county.another({ database: named(county.config, 'one that ends'), limits });
    expect(await connections('one that ends')).toBeGreaterThan(0);
    const before = await logSize();
    const question = {
      decision: randomUUID(),
      subject: 'A'.repeat(22),
      fields: ['person.alias'],
      purpose: 'investigation',
    };
    const asked = county.as(police, { port: other.port }).post('/v1/disclosures', question, { unit: 'detectives' });
    // Recorded, and held back for its two seconds.
    while ((await logSize()) === before) await new Promise((resolve) => setTimeout(resolve, 5));
    const [answer] = await Promise.all([asked, other.close()]);
    expect([answer.status, Object.keys(answer.body)]).toEqual([200, ['decision', 'receipt']]);
    expect(await connectionsLeft('one that ends')).toBe(0);
    await expect(reach(other.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('takes a port that is given', async () => {
    const port = await freePort();
    const other = await county.another({ listen: { host: '127.0.0.1', port } });
    expect([other.port, other.address]).toEqual([port, `https://127.0.0.1:${port}`]);
    await other.close();
  });

  it('refuses a revoked certificate on a connection that stands', async () => {
    const shown = await county.shownBy(hospital);
    const client = county.as(hospital, shown);
    expect((await client.get('/v1/reviews')).status).toBe(200);
    await county.revoke(hospital, shown.serial);
    await county.gateway.readMembers();
    expect(await client.get('/v1/reviews')).toMatchObject({ status: 403, body: { code: 'certificate_revoked' } });
  });
});

function reach(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connectTo(port, '127.0.0.1', () => {
      socket.destroy();
      resolve();
    }).on('error', reject);
  });
}

async function freePort(): Promise<number> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function named({ database }: GatewayConfig, name: string): GatewayConfig['database'] {
  const withName = new URL(database.url);
  withName.searchParams.set('application_name', name);
  return { ...database, url: withName.href };
}
