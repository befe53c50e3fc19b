import type { KeyObject } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { type Peer, readCallerKey } from '#certificates';
import type { Directory, FoldedLog } from '#disclosure';
import { loadMembers } from '#postgres';
import type { AgencyId } from '#terms';
import type { Enrolment, PeerRefusal } from '#web';

/** How long an enrolment or a revocation may be unknown to a gateway that was not told of it. */
const REREAD_EVERY_MS = 2_000;

/** What the ledger says of members. */
type Standing = Pick<FoldedLog, 'isSuspended' | 'isRevoked'>;

interface Known {
  readonly directory: Directory;
  readonly callerKeys: ReadonlyMap<AgencyId, ReadonlyMap<string, KeyObject>>;
  readonly revoked: ReadonlySet<string>;
}

/**
 * Who is enrolled, answered from memory; read anew every two seconds, or as soon as it is told to. Who is
 * suspended, and whose certificate is revoked, the ledger says; and this answers by it as soon as it is folded here.
 */
export class Members implements Enrolment {
  readonly #source: DataSource;
  readonly #log: Standing;
  #known: Known;
  #timer: NodeJS.Timeout | undefined;

  private constructor(source: DataSource, log: Standing, known: Known) {
    this.#source = source;
    this.#log = log;
    this.#known = known;
  }

  static async open(source: DataSource, log: Standing): Promise<Members> {
    const members = new Members(source, log, await read(source));
    members.#later();
    return members;
  }

  get directory(): Directory {
    return this.#known.directory;
  }

  refusal(peer: Peer): PeerRefusal | undefined {
    if (this.#log.isRevoked(peer.agency, peer.serial) || this.#known.revoked.has(`${peer.agency} ${peer.serial}`))
      return 'CERTIFICATE_REVOKED';
    if (this.#log.isSuspended(peer.agency)) return 'AGENCY_SUSPENDED';
    return this.#known.directory.has(peer.agency) ? undefined : 'AGENCY_UNKNOWN';
  }

  callerKey(agency: AgencyId, kid: string): KeyObject | undefined {
    return this.#known.callerKeys.get(agency)?.get(kid);
  }

  async reread(): Promise<void> {
    this.#known = await read(this.#source);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #later(): void {
    this.#timer = setTimeout(() => {
      // A database that does not answer keeps what was known: nothing can be released without it anyway.
      void this.reread()
        .catch(() => undefined)
        .finally(() => {
          if (this.#timer !== undefined) this.#later();
        });
    }, REREAD_EVERY_MS).unref();
  }
}

async function read(source: DataSource): Promise<Known> {
  const { directory, callerKeys, revoked } = await loadMembers(source);
  const keys = new Map<AgencyId, Map<string, KeyObject>>();
  for (const { agency, kid, publicKey } of callerKeys) {
    const ofAgency = keys.get(agency) ?? new Map<string, KeyObject>();
    keys.set(agency, ofAgency.set(kid, readCallerKey(publicKey).publicKey));
  }
  return { directory, callerKeys: keys, revoked: new Set(revoked.map(({ agency, serial }) => `${agency} ${serial}`)) };
}
