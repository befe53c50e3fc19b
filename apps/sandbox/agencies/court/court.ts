import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { AgencyId } from '#terms';
import { CHECKOUT } from '../../checkout.js';
import type { Misbehaviour, StandIn, Started } from '../agency.js';
import { exportNight } from './export.js';

export interface CourtOptions {
  /** Where its files go; emptied first. */
  readonly folder: string;
  readonly now: () => number;
}

/** The county court: no server, only a folder into which it exports its docket every night. */
export interface Court extends StandIn {
  /** The night passes: tonight's files are written. Nothing is there before the first. */
  exportTonight(): Promise<void>;
}

export function startCourt({ folder, now }: CourtOptions): Started & { readonly standIn: Court } {
  const unmounted = `${folder}.unmounted`;
  for (const old of [folder, unmounted]) rmSync(old, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  let how: Misbehaviour | undefined;
  const exportTonight = async () => exportNight(folder, new Date(now()), how);
  return {
    standIn: {
      agency: 'county-court' as AgencyId,
      title: 'County Court (nightly CSV)',
      address: folder,
      mappingFile: join(CHECKOUT, 'apps', 'sandbox', 'agencies', 'court', 'mapping.yaml'),
      access: { protocol: 'csv', folder },
      exportTonight,
      async misbehave(as) {
        how = as;
        await exportTonight();
      },
      async behave() {
        how = undefined;
        await exportTonight();
      },
      async kill() {
        if (existsSync(folder)) renameSync(folder, unmounted);
      },
      async restart() {
        if (existsSync(unmounted)) renameSync(unmounted, folder);
      },
    },
    async stop() {
      for (const old of [folder, unmounted]) rmSync(old, { recursive: true, force: true });
    },
  };
}
