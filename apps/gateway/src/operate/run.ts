import { parseArgs } from 'node:util';
import {
  type Clock,
  copiesIn,
  DisclosureError,
  type ErasureGround,
  erasePersons,
  finishErasures,
  keepingOf,
  liftHold,
  placeHold,
} from '#disclosure';
import { LedgerError } from '#ledger';
import { connect, epochOf, type KeyEpoch, lastEntriesIn, poolOf, PostgresError } from '#postgres';
import { type HandleId, type Instant, instantOf, type OfficerId, type PersonId, type RegimeName } from '#terms';
import { GatewayError } from '../error.js';
import { type OpenLog, openLog } from './open-log.js';
import { type OperatorConfig, readOperatorConfig } from './read-operator-config.js';
import { rotateKeys } from './rotate-keys.js';

const USAGE = `operate erase HANDLE --officer ID       destroys the key of this agency's copy of a person, and all under it
    --joined                            and of every copy that is linked with it
operate erase --finish                  ends erasures that were cut off; every other command does so first
operate retention                       what is due for erasure, and what keeps the rest
    --at 2027-01-01T00:00:00Z           at this instant, not now
    --erase --officer ID                erases what is due now
operate hold HANDLE --officer ID --basis TEXT
                                        keeps it from being erased, whatever is due
    --lift                              no longer
operate rotate-keys                     wraps living keys anew and destroys the old key: erased persons leave the backups

--config FILE   operator.yaml
DATABASE_URL    the database, as its owner
`;

export interface Operating {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly print: (line: string) => void;
}

/** Wrong words on the command line. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * One command of whoever operates Postern. 0: done. 1: refused, or failed. 2: the command is wrong.
 *
 * @example await operate(['retention'], { environment: process.env, clock, print: console.log })
 */
export async function operate(argv: readonly string[], operating: Operating): Promise<0 | 1 | 2> {
  try {
    await command(parse(argv), operating);
    return 0;
  } catch (error) {
    const known = [UsageError, GatewayError, DisclosureError, LedgerError, PostgresError];
    if (!(error instanceof Error) || !known.some((kind) => error instanceof kind)) throw error;
    operating.print(`postern: ${error.message}`);
    return error instanceof UsageError ? 2 : 1;
  }
}

interface Command {
  readonly name: string;
  readonly subject: HandleId | undefined;
  readonly config: string;
  readonly officer: OfficerId | undefined;
  readonly joined: boolean;
  readonly finish: boolean;
  readonly erase: boolean;
  readonly lift: boolean;
  readonly basis: string | undefined;
  readonly at: string | undefined;
}

function parse(argv: readonly string[]): Command {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        config: { type: 'string', default: 'operator.yaml' },
        officer: { type: 'string' },
        joined: { type: 'boolean', default: false },
        finish: { type: 'boolean', default: false },
        erase: { type: 'boolean', default: false },
        lift: { type: 'boolean', default: false },
        basis: { type: 'string' },
        at: { type: 'string' },
      },
    });
    const { config, joined, finish, erase, lift, basis, at } = values;
    const [name, subject, ...rest] = positionals;
    if (name === undefined || rest.length > 0) throw new UsageError(USAGE);
    const officer = values.officer as OfficerId | undefined;
    return { name, subject: subject as HandleId | undefined, officer, config, joined, finish, erase, lift, basis, at };
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError(USAGE, { cause });
  }
}

async function command(given: Command, operating: Operating): Promise<void> {
  const config = await readOperatorConfig(given.config, operating.environment);
  switch (given.name) {
    case 'erase':
      return withLog(config, operating, (log) => eraseHandle(log, given, config, operating.print));
    case 'retention':
      return withLog(config, operating, (log) => retain(log, given, config, operating.print));
    case 'hold':
      return withLog(config, operating, (log) => hold(log, given, operating.print));
    case 'rotate-keys':
      return rotate(config, operating);
    default:
      throw new UsageError(USAGE);
  }
}

async function withLog(
  config: OperatorConfig,
  { clock, print }: Operating,
  act: (log: OpenLog) => Promise<void>,
): Promise<void> {
  const log = await openLog(config, clock);
  try {
    const entries = await finishErasures(log.gate);
    if (entries > 0) print(`An erasure that had been cut off is done: the content of ${counted(entries)} is gone.`);
    await act(log);
  } finally {
    await log.close();
  }
}

async function eraseHandle(
  log: OpenLog,
  given: Command,
  config: OperatorConfig,
  print: Operating['print'],
): Promise<void> {
  if (given.finish) return;
  const { known } = log.gate;
  const handle = known.handle(required(given.subject, 'which handle?'));
  if (handle === undefined) throw new DisclosureError('HANDLE_UNKNOWN', 'nobody has this handle');
  const persons = given.joined ? [...known.joined(handle.person)] : [handle.person];
  await erasing(log, { persons, ground: { kind: 'asked' }, by: officerOf(given) }, config, print);
}

async function erasing(
  log: OpenLog,
  order: { readonly persons: readonly PersonId[]; readonly ground: ErasureGround; readonly by: OfficerId },
  config: OperatorConfig,
  print: Operating['print'],
): Promise<void> {
  const epoch = await epochOf(log.owner, order.persons);
  print('Once it is recorded, a minute passes in which every gateway forgets what it has open …');
  const { persons, entries, receipt } = await erasePersons(log.gate, log.operator, order);
  const copies = persons.length === 1 ? '1 copy' : `${persons.length} copies`;
  print(`${copies} erased from live now: the keys, and the content of ${counted(entries)}.`);
  print(fromBackups(epoch, config));
  print(`receipt ${Buffer.from(receipt).toString('base64url')}`);
}

/** Dead rows, the write-ahead log and backups hold her key as it was wrapped; they say nothing once that epoch's key is gone. */
function fromBackups(epoch: KeyEpoch | undefined, { epochDays }: OperatorConfig): string {
  if (epoch === undefined)
    return 'From backups only when they are destroyed: the master key itself wrapped this one; run rotate-keys.';
  const due = new Date(epoch.beganAt + epochDays * DAY).toISOString().slice(0, 10);
  return `Erased from backups by ${due}, when key epoch ${epoch.epoch} is due to end: rotate-keys destroys it.`;
}

const DAY = 24 * 60 * 60 * 1000;

async function retain(log: OpenLog, given: Command, config: OperatorConfig, print: Operating['print']): Promise<void> {
  const { gate } = log;
  if (given.erase && given.at !== undefined) throw new UsageError('what is due later is not erased now');
  const at = given.at === undefined ? gate.now() : instantIn(given.at);
  const copies = copiesIn(gate, await lastEntriesIn(poolOf(log.owner)), at);
  const due: { readonly person: PersonId; readonly regime: RegimeName }[] = [];
  for (const copy of copies) {
    const keeping = keepingOf(copy, config.retention, at);
    const handle = gate.known.handleOf(copy.person)?.id ?? '';
    switch (keeping.kind) {
      case 'due':
        due.push({ person: copy.person, regime: keeping.regime });
        print(`due                ${handle}  ${copy.agency}  since ${day(keeping.since)}  ${keeping.regime}`);
        break;
      case 'held':
        print(`held               ${handle}  ${copy.agency}  since ${day(keeping.since)}  a legal hold lies on it`);
        break;
      case 'protects others':
        print(
          `protects others    ${handle}  ${copy.agency}  since ${day(keeping.since)}  unlink it, or erase --joined`,
        );
        break;
      case 'kept':
        print(`kept               ${handle}  ${copy.agency}  until ${day(keeping.until)}  ${keeping.regime}`);
        break;
      case 'no term':
        print(`no term            ${handle}  ${copy.agency}`);
        break;
    }
  }
  if (!given.erase) return;
  const by = officerOf(given);
  for (const [regime, persons] of Map.groupBy(due, (one) => one.regime)) {
    const order = { persons: persons.map(({ person }) => person), ground: { kind: 'retention' as const, regime }, by };
    await erasing(log, order, config, print);
  }
}

async function hold(log: OpenLog, given: Command, print: Operating['print']): Promise<void> {
  const subject = required(given.subject, 'which handle?');
  const by = officerOf(given);
  if (given.lift) {
    await liftHold(log.gate, log.operator, { subject, by }, log.gate.now());
    print('The hold is lifted.');
    return;
  }
  const basis = required(given.basis, 'on what basis? --basis "order of …"');
  await placeHold(log.gate, log.operator, { subject, by, basis }, log.gate.now());
  print('A hold lies on it: nothing erases it until the hold is lifted.');
}

async function rotate(config: OperatorConfig, { clock, print }: Operating): Promise<void> {
  const { databaseUrl: url, keyEpochs: file, masterKey } = config;
  const owner = await connect({ url, poolSize: 2, durability: 'required' });
  try {
    const { epoch, keys } = await rotateKeys({ owner, file, masterKey, clock, now: () => instantOf(Date.now()) });
    print(`Key epoch ${epoch} wraps all ${keys} keys; those before it are destroyed.`);
    print('Whoever was erased before now is gone from the backups too, unless one of them holds the old key file.');
  } finally {
    await owner.destroy();
  }
}

function officerOf({ officer }: Command): OfficerId {
  return required(officer, 'who orders it? --officer ID');
}

function required<T>(given: T | undefined, question: string): T {
  if (given === undefined) throw new UsageError(question);
  return given;
}

function instantIn(text: string): Instant {
  const at = /(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(at)) throw new UsageError('`--at` takes an instant such as 2027-01-01T00:00:00Z');
  return instantOf(at);
}

function day(at: Instant): string {
  return new Date(at).toISOString().slice(0, 10);
}

function counted(entries: number): string {
  return entries === 1 ? '1 entry' : `${entries} entries`;
}
