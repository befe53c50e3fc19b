import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client, type ClientConfig } from 'pg';
import { connect, migrate } from '#postgres';
import { createCountyAuthority } from '../../apps/sandbox/agencies/authority.js';
import { type Sandbox, startSandbox } from '../../apps/sandbox/src/start-sandbox.js';
import { runStory, type Step } from '../../apps/sandbox/src/story.js';
import { waysIn } from '../../apps/sandbox/src/ways-in.js';
import { type DurablePostgres, startDurablePostgres } from '../postgres.js';
import { urlOf } from './open-sandbox.js';
import { freePorts } from './ports.js';

const execute = promisify(execFile);

/** `DATABASE_URL=… npm start` on the server that a county runs its own gateways on, and that lets nobody in without TLS. */
describe('a sandbox on the server of a county', () => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-beside-'));
  const gateway = { name: 'postern_gateway', password: "the county's own" };
  let postgres: DurablePostgres;
  let parameters: string;
  let sandbox: Sandbox | undefined;
  const told: Step[] = [];

  beforeAll(async () => {
    postgres = await startDurablePostgres();
    const admin = new Client(postgres);
    await admin.connect();
    await admin.query('CREATE DATABASE postern');
    await admin.query("CREATE ROLE harbour_house_reader LOGIN PASSWORD 'of a real shelter'");
    const authority = await createCountyAuthority(Date.now());
    await demandTls(admin, await authority.issue());
    await admin.end();
    writeFileSync(join(folder, 'county.pem'), authority.certificate);
    parameters = `sslmode=verify-full&sslrootcert=${encodeURIComponent(join(folder, 'county.pem'))}&application_name=hers`;
    await migrate(`${urlOf(postgres, 'postern')}?${parameters}`, gateway);

    sandbox = await startSandbox({
      port: await freePorts(3),
      folder: join(folder, 'sandbox'),
      databaseUrl: `${urlOf(postgres, 'postern')}?${parameters}`,
      progress: () => undefined,
    });
    await runStory(sandbox, (step) => told.push(step));
  }, 120_000);

  afterAll(async () => {
    await sandbox?.close();
    await postgres?.discard();
    rmSync(folder, { recursive: true, force: true });
  });

  it('tells the story as anywhere, the shelter and all', () => {
    expect(told.flatMap(({ wrong }) => wrong)).toEqual([]);
    expect(told).toHaveLength(10);
  });

  it("leaves the county's roles their passwords, and its database as it was", async () => {
    const own = urlOf({ ...postgres, user: gateway.name, password: gateway.password }, 'postern');
    const source = await connect({ url: `${own}?${parameters}`, poolSize: 1, durability: 'required' });
    expect(await source.query('SELECT size FROM ledger.head')).toEqual([]);
    await source.destroy();
    const reader = urlOf({ ...postgres, user: 'harbour_house_reader', password: 'of a real shelter' }, 'postgres');
    await ask({ connectionString: `${reader}?${parameters}` }, 'SELECT 1');
  });

  it('calls everything of its own on that server by its own name', async () => {
    const admin = { connectionString: `${urlOf(postgres)}?${parameters}` };
    const names = await ask<{ name: string }>(
      admin,
      `SELECT datname AS name FROM pg_database WHERE NOT datistemplate
        UNION SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_'`,
    );
    const theirs = ['postgres', 'postern', 'postern_gateway', 'harbour_house_reader'];
    const others = names.map(({ name }) => name).filter((name) => !theirs.includes(name));
    expect(others.length).toBeGreaterThan(0);
    expect(others.filter((name) => !name.startsWith('postern_sandbox'))).toEqual([]);
  });

  it.each([
    ['the gateway', 'curl', 0, '"openapi":"3.1'],
    ['the hospital', 'curl', 1, 'Ellison'],
    ['the police', 'curl', 2, 'P-55821'],
    ['the shelter', 'psql', 3, 'HH-0142'],
    ['the court', 'head', 4, '2026-PO-0311'],
  ])('prints a command that reaches %s (by %s)', async (_, program, nth, known) => {
    if (sandbox === undefined) throw new Error('no sandbox');
    const way = waysIn(sandbox)[nth];
    const isHere = await execute(program, ['--version']).catch(() => undefined);
    if (isHere === undefined) return void process.stdout.write(`not tried: there is no ${program} here\n`);
    // As somebody pastes it in a folder of her own. What ends with an error is thrown.
    const { stdout } = await execute('/bin/sh', ['-c', way?.command ?? ''], { cwd: folder });
    expect(stdout).toContain(known);
  });

  it('reaches it as its address says, each of its connections', async () => {
    const admin = { connectionString: `${urlOf(postgres)}?${parameters}` };
    const found = await ask<{ name: string; role: string; ssl: boolean }>(
      admin,
      `SELECT application_name AS name, usename AS role, ssl FROM pg_stat_activity JOIN pg_stat_ssl USING (pid)
        WHERE datname LIKE 'postern_sandbox%' AND usename <> 'postern_sandbox_harbour_house_reader'`,
    );
    expect(found).toContainEqual({ name: 'hers', role: 'postern_sandbox_gateway', ssl: true });
    expect(found.filter(({ name, ssl }) => name !== 'hers' || !ssl)).toEqual([]);
  });
});

/** The server writes the files itself, since they must be its own. */
async function demandTls(
  admin: Client,
  { certificate, privateKey }: { readonly certificate: string; readonly privateKey: string },
): Promise<void> {
  const { rows } = await admin.query<{ folder: string }>("SELECT current_setting('data_directory') AS folder");
  const write = (name: string, text: string) =>
    admin.query(
      `COPY (SELECT regexp_split_to_table(${admin.escapeLiteral(text)}, '\\n'))
        TO PROGRAM ${admin.escapeLiteral(`umask 077; cat > ${rows[0]?.folder}/${name}`)}`,
    );
  await write('server.crt', certificate);
  await write('server.key', privateKey);
  await write('pg_hba.conf', 'hostssl all all 127.0.0.1/32 scram-sha-256');
  await admin.query('ALTER SYSTEM SET ssl = on');
  await admin.query('SELECT pg_reload_conf()');
  // Where the server never begins to want TLS, the test runs out of time.
  for (; ; await sleep(20)) {
    const plain = new Client({ host: admin.host, port: admin.port, user: 'nobody', password: 'x', ssl: false });
    const why = await plain.connect().then(
      () => '',
      (error: unknown) => String(error),
    );
    if (/no pg_hba\.conf entry .*no encryption/.test(why)) return;
  }
}

async function ask<Row extends object>(config: ClientConfig, text: string): Promise<readonly Row[]> {
  const client = new Client(config);
  await client.connect();
  const { rows } = await client.query<Row>(text);
  await client.end();
  return rows;
}
