import { join } from 'node:path';
import { createCountyAuthority } from './authority.js';
import type { PostgresServer } from '../postgres/address.js';
import type { StandIn } from './agency.js';
import { type Court, startCourt } from './court/court.js';
import { startHospital } from './hospital/server.js';
import { startPolice } from './police/server.js';
import { startShelter } from './shelter/server.js';

export interface AgenciesOptions {
  /** A server with a role that may create databases and roles. */
  readonly postgres: PostgresServer;
  /** Where files of theirs go, such as the court's; emptied first. */
  readonly folder: string;
  readonly now: () => number;
  /** Free ones where absent. */
  readonly ports?: { readonly hospital?: number; readonly police?: number; readonly shelter?: number };
  /** A further folder of FHIR bundles for the hospital. */
  readonly hospitalBundles?: string;
  readonly shelterDatabase?: string;
}

export interface Agencies {
  readonly hospital: StandIn;
  readonly shelter: StandIn;
  readonly police: StandIn;
  readonly court: Court;
  /** The certificate of the authority that vouches for the servers of hospital and police, PEM. */
  readonly authority: string;
  /** The employer of the person using violence holds nothing and has no system: it only asks. */
  stop(): Promise<void>;
}

/**
 * Starts the agencies' own systems, each with its own data and its own names for people.
 *
 * @example
 * const agencies = await startAgencies({ postgres, folder: '.postern/agencies', now: Date.now });
 * const { mappingFile, access } = agencies.hospital;
 * const source = connect(parseMapping(readFileSync(mappingFile, 'utf8'), mappingFile, vocabulary), access);
 * await agencies.hospital.misbehave('stall');
 */
export async function startAgencies(options: AgenciesOptions): Promise<Agencies> {
  const { postgres, folder, now, ports = {}, hospitalBundles, shelterDatabase = 'harbour_house' } = options;
  const authority = await createCountyAuthority(now());
  const starting = [
    startHospital({
      authority,
      port: ports.hospital ?? 0,
      ...(hospitalBundles === undefined ? {} : { bundles: hospitalBundles }),
    }),
    startPolice({ authority, port: ports.police ?? 0 }),
    startShelter({ postgres, port: ports.shelter ?? 0, database: shelterDatabase }),
  ] as const;
  const court = startCourt({ folder: join(folder, 'court'), now });
  const stop = async () => {
    const settled = await Promise.allSettled(starting);
    await Promise.all(
      [court, ...settled.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))].map((one) => one.stop()),
    );
  };
  try {
    const [hospital, police, shelter] = await Promise.all(starting);
    return {
      hospital: hospital.standIn,
      shelter: shelter.standIn,
      police: police.standIn,
      court: court.standIn,
      authority: authority.certificate,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
