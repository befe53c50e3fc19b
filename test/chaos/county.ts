import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ENTRY_TYPE } from '#disclosure';
import { parseVerifierKey, readCheckpoint } from '#ledger';
import type { Reply } from '../../apps/sandbox/src/client.js';
import { ArrivalClock } from '../journeys/arrival-clock.js';
import { type GatewayProcess, type OpenCounty, openCounty } from '../journeys/open-county.js';
import {
  advocate,
  ask,
  dvOfficer,
  HER_PHONE,
  isUniform,
  type Known,
  knownToShelterAndPolice,
  type Members,
  sign,
  withdraw,
} from '../journeys/people.js';
import { readLog, receiptIn, withAccounts } from '../journeys/read-log.js';
import type { ActOptions, ActResult } from './act.js';
import { type Acknowledged, check, type Recorded, type Release, type Stop, type Violation } from './check.js';
import { chance, type Deed, drawPlan, inWords, isKill } from './plan.js';
import { familyOf, now, signal } from './processes.js';
import { LEASE } from './world.js';

const GATEWAYS = ['gateway 1', 'gateway 2', 'gateway 3'] as const;
const ASKERS = 12;
const PHONE = 'contact.safe_phone';
const HERS = 'her phone';
/** How long a county may take to come back from one deed. */
const PATIENCE = 90_000;

/**
 * Whole gateways behind mutual TLS, agencies' systems with their protocols, and the clocks of those who receive: a release
 * is dated by when it arrived.
 */
export async function county({ seed, kills, say }: ActOptions): Promise<ActResult> {
  const began = performance.now();
  const open = await openCounty();
  try {
    const trial = new Trial(open, seed, say);
    await trial.start();
    const plan = drawPlan(seed, kills, Math.ceil(kills / 2), {
      gateways: GATEWAYS,
      admins: [],
      lease: LEASE,
      only: ['kill', 'kill postgres', 'stop', 'stop postgres'],
    });
    const deeds = await trial.perform(plan);
    const result = await trial.finish();
    const killed = deeds.filter(isKill).length;
    return {
      ...result,
      kills: killed,
      pauses: deeds.length - killed,
      seconds: (performance.now() - began) / 1000,
    };
  } finally {
    await open.close();
  }
}

class Trial {
  readonly #county: OpenCounty;
  readonly #random: () => number;
  readonly #say: (line: string) => void;
  readonly #clock = new ArrivalClock();
  readonly #gateways: GatewayProcess[] = [];
  readonly #acknowledged: Acknowledged[] = [];
  readonly #releases: Release[] = [];
  readonly #checkpoints: { size: number; root: string }[] = [];
  readonly #stops: Stop[] = [];
  readonly #trouble: Violation[] = [];
  /** Releases through each gateway, by which one sees that it is back. */
  readonly #through: number[] = GATEWAYS.map(() => 0);
  #ending = false;
  #running: Promise<unknown> = Promise.resolve();
  #before = 0;
  #refused = 0;

  constructor(open: OpenCounty, seed: number, say: (line: string) => void) {
    this.#county = open;
    this.#random = chance(seed ^ 0x5eed);
    this.#say = say;
  }

  async start(): Promise<void> {
    for (const _ of GATEWAYS) this.#gateways.push(await this.#county.startGateway());
    const her = await knownToShelterAndPolice(this.#membersAt(0), { shelter: 'HH-0142', police: 'P-55821' });
    const { entries } = await readLog(await this.#county.exportLedger(), this.#county.verifierKey);
    this.#before = entries.length;
    this.#running = Promise.all([
      this.#keepChangingHerMind(her),
      this.#keepLookingAtCheckpoints(),
      ...Array.from({ length: ASKERS }, () => this.#keepAsking(her)),
    ]);
    await this.#untilAllRelease('they start');
  }

  async perform(plan: readonly { readonly after: number; readonly deed: Deed }[]): Promise<readonly Deed[]> {
    const done: Deed[] = [];
    for (const { after, deed } of plan) {
      await sleep(after);
      this.#say(inWords(deed));
      await this.#do(deed);
      done.push(deed);
      if (!(await this.#untilAllRelease(inWords(deed)))) break;
    }
    return done;
  }

  async finish(): Promise<Omit<ActResult, 'kills' | 'pauses' | 'seconds'>> {
    this.#ending = true;
    await this.#running;
    this.#clock.stop();
    const { verdict, entries } = await readLog(await this.#county.exportLedger(), this.#county.verifierKey);
    if (verdict.kind !== 'sound')
      this.#trouble.push({ fault: 'checkpoint contradicted', what: 'the export does not verify' });
    const told = await withAccounts(this.#membersAt(0), entries.slice(this.#before));
    const log = [...entries.slice(0, this.#before).map((each) => ({ ...each, released: false })), ...told].map(
      ({ entry, leaf, type, released }, seq): Recorded => {
        const says =
          seq < this.#before
            ? undefined
            : released
              ? ({ kind: 'disclosure', consent: HERS } as const)
              : type === ENTRY_TYPE['consent recorded']
                ? ({ kind: 'grant', consent: HERS } as const)
                : type === ENTRY_TYPE['consent withdrawn']
                  ? ({ kind: 'withdrawal', consent: HERS } as const)
                  : undefined;
        return { seq, entry, leaf, ...(says !== undefined && { says }) };
      },
    );
    const history = {
      acknowledged: this.#acknowledged,
      releases: this.#releases,
      checkpoints: this.#checkpoints,
      stops: this.#stops,
      wrongClocks: [],
    };
    const { violations, residual } = check(history, log);
    const withdrawals = this.#acknowledged.filter(({ kind }) => kind === 'withdrawal').length;
    return {
      violations: [...this.#trouble, ...violations],
      residual,
      operations: this.#acknowledged.length,
      releases: this.#releases.length,
      notes: [
        `${withdrawals} withdrawals acknowledged, ${this.#checkpoints.length} checkpoints shown, ${this.#refused} times somebody ` +
          'was asked to come again',
      ],
    };
  }

  #membersAt(nth: number): Members {
    const gateway = this.#gateways[nth];
    if (gateway === undefined) throw new RangeError(`there is no gateway ${nth + 1}`);
    return gateway.members;
  }

  #one(): number {
    return Math.floor(this.#random() * GATEWAYS.length);
  }

  /** Asks one gateway after the other until one answers; a question that was asked before keeps its name. */
  async #keepAsking({ atPolice }: Known): Promise<void> {
    while (!this.#ending) {
      const decision = randomUUID();
      const invoked = now();
      for (let tries = 0; tries < 8 && !this.#ending; tries += 1) {
        const nth = this.#one();
        const asked = { subject: atPolice, fields: [PHONE], decision };
        const answer = await ask(this.#membersAt(nth)('county-police'), dvOfficer, asked).catch(() => undefined);
        const arrived = this.#arrived();
        if (answer?.status !== 200) {
          this.#refused += 1;
          await sleep(20 + 60 * this.#random());
          continue;
        }
        const by = GATEWAYS[nth] ?? '';
        const { entry, leaf } = this.#receiptIn(answer);
        const one = { kind: 'disclosure', consent: HERS, entry, leaf, by, invoked, acknowledged: now() } as const;
        this.#acknowledged.push(tries > 0 ? { ...one, repeated: true } : one);
        if (!isUniform(answer)) {
          this.#releases.push({ operation: decision, consent: HERS, entry, by, checked: arrived, left: arrived });
          this.#through[nth] = (this.#through[nth] ?? 0) + 1;
        }
        break;
      }
      await sleep(10 + 30 * this.#random());
    }
  }

  async #keepChangingHerMind({ atShelter }: Known): Promise<void> {
    while (!this.#ending) {
      await this.#untilTold('grant', (members) => sign(members, atShelter, HER_PHONE));
      await sleep(150 + 500 * this.#random());
      await this.#untilTold('withdrawal', (members) => withdraw(members, atShelter, 'county-police'));
      await sleep(40 * this.#random());
    }
  }

  async #untilTold(kind: 'grant' | 'withdrawal', say: (members: Members) => Promise<Reply>): Promise<void> {
    while (!this.#ending) {
      const invoked = now();
      const told = await say(this.#membersAt(this.#one())).catch(() => undefined);
      if (told !== undefined && told.status < 300) {
        const receipts = told.json['receipt'] === undefined ? [] : [this.#receiptIn(told)];
        for (const { entry, leaf } of receipts)
          this.#acknowledged.push({ kind, consent: HERS, entry, leaf, invoked, acknowledged: now() });
        return;
      }
      await sleep(50);
    }
  }

  async #keepLookingAtCheckpoints(): Promise<void> {
    while (!this.#ending) {
      const members = this.#membersAt(this.#one());
      const reply = await members('harbour-house')
        .get(advocate, '/v1/ledger/checkpoint')
        .catch(() => undefined);
      if (reply?.status === 200) {
        const { size, root } = readCheckpoint(reply.text);
        this.#checkpoints.push({ size, root: Buffer.from(root).toString('hex') });
      }
      await sleep(250);
    }
  }

  #receiptIn(reply: Reply): { readonly entry: string; readonly leaf: string } {
    return receiptIn(reply, { id: this.#county.logId, key: parseVerifierKey(this.#county.verifierKey).publicKey });
  }

  /** The arrival clock's instant on the clock of everything else. */
  #arrived(): number {
    return this.#clock.earliest() + (now() - performance.now());
  }

  async #do(deed: Deed): Promise<void> {
    const { postgres } = this.#county;
    if (deed.kind === 'kill postgres') {
      signal(familyOf(postgres.pid), 'SIGKILL');
      await postgres.crash();
      await postgres.restart();
    } else if (deed.kind === 'stop postgres') {
      const family = familyOf(postgres.pid);
      signal(family, 'SIGSTOP');
      await sleep(deed.ms);
      signal(family, 'SIGCONT');
    } else if (deed.kind === 'kill' || deed.kind === 'stop') {
      const nth = GATEWAYS.findIndex((name) => name === deed.whom);
      const gateway = this.#gateways[nth];
      if (gateway === undefined) return;
      if (deed.kind === 'stop') {
        const from = now();
        await gateway.pause();
        await sleep(deed.ms);
        gateway.resume();
        this.#stops.push({ by: deed.whom, from, until: now() });
      } else {
        await gateway.kill();
        this.#gateways[nth] = await this.#county.startGateway(gateway.port);
      }
    }
  }

  /** Until something was released through each gateway; false, and a violation, where one does not come back. */
  async #untilAllRelease(afterWhat: string): Promise<boolean> {
    const before = [...this.#through];
    const over = now() + PATIENCE;
    for (;;) {
      const idle = GATEWAYS.filter((_, nth) => (this.#through[nth] ?? 0) <= (before[nth] ?? 0));
      if (idle.length === 0) return true;
      if (now() > over) {
        this.#trouble.push({ fault: 'did not come back', what: `${idle.join(', ')}, after: ${afterWhat}` });
        return false;
      }
      await sleep(20);
    }
  }
}
