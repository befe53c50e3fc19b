import type { Act, ActName } from './act.js';
import { clockSteps } from './clock-steps.js';
import { county } from './county.js';
import { failover } from './failover.js';
import { fullDisk } from './full-disk.js';
import { partitions } from './partitions.js';
import { underLoad } from './under-load.js';

/** In the order in which they are performed. */
export const ACTS: Readonly<Record<ActName, Act>> = {
  load: {
    what: 'two gateways with 64 askers each and two admins on one database, killed and stopped at random',
    // Of all that were asked for, a quarter falls to whole gateways and two to failovers.
    killsOf: (kills, acts) =>
      kills -
      (acts.includes('county') ? Math.floor(kills / 4) : 0) -
      (acts.includes('failover') ? Math.min(2, kills) : 0),
    run: underLoad,
  },
  county: {
    what: 'three gateways over mutual TLS with the agencies behind them; releases dated where they arrive',
    killsOf: (kills, acts) => (acts.length === 1 ? kills : Math.floor(kills / 4)),
    run: county,
  },
  failover: {
    what: 'the primary is killed and its synchronous standby promoted, commits cut off while they wait for it',
    killsOf: (kills, acts) => (acts.length === 1 ? kills : Math.min(2, kills)),
    run: failover,
  },
  'full-disk': {
    what: 'the disk under the database is full from one moment to the next',
    killsOf: () => 0,
    run: fullDisk,
  },
  clocks: {
    what: 'wall clocks of gateways step by seconds and by an hour',
    killsOf: () => 0,
    run: clockSteps,
  },
  partitions: {
    what: 'packets between a gateway and the database get lost, one way or both',
    killsOf: () => 0,
    run: partitions,
  },
};
