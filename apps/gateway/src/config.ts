import type { KeyObject } from 'node:crypto';
import type { Access } from '#connectors';
import type { Limits } from '#disclosure';
import type { ConnectOptions } from '#postgres';
import type { AgencyId, OfficerId } from '#terms';
import type { Credentials } from '#web';
import type { Publication } from './scheduled-checkpoints.js';

/** Everything that one gateway is told, once, before it starts. Nothing else is read from anywhere later. */
export interface GatewayConfig {
  /** Port 0 takes a free one. */
  readonly listen: { readonly host: string; readonly port: number };
  /** As the role that `migrate` prepared, which can add to the ledger and neither change nor delete what is in it. */
  readonly database: ConnectOptions;
  /** The server's certificate, the authorities whose clients are let in, and their revocation lists. */
  readonly credentials: Credentials;
  /** The log's name, for ever, such as `riverside.example/postern`, and the Ed25519 key that signs for it. */
  readonly ledger: { readonly origin: string; readonly key: KeyObject };
  /** 32 bytes: they find what is kept, and wrap persons' keys where no `keyEpochs` do. */
  readonly masterKey: Uint8Array;
  /** The file of the keys that wrap in its stead, and come to an end. Without it nothing is gone from backups: for tests. */
  readonly keyEpochs?: string;
  /** The folder with `vocabulary.yaml` and one folder for each regime. */
  readonly policies: string;
  /** Without this, rules that are `checked: {by: nobody yet}` keep the gateway from starting. */
  readonly uncheckedRules?: SignedRules;
  /** The member that stands for whoever runs this: a victim service's client has released it before she is known here. */
  readonly operator: AgencyId;
  /** The agencies' own systems. An agency without one is asked in vain. */
  readonly sources: readonly SourceConfig[];
  readonly limits: Limits;
  /** Without this a checkpoint is signed each second in which something happened, and shows it: for tests and trials. */
  readonly publication?: Publication;
  /** Takes each line of the log, its newline included. */
  readonly log: (line: string) => void;
}

/** The officer who answers for rules that no lawyer has confirmed yet, and since which day, such as `2026-11-02`. */
export interface SignedRules {
  readonly signedBy: OfficerId;
  readonly on: string;
}

export interface SourceConfig {
  readonly agency: AgencyId;
  /** The path of its mapping file. */
  readonly mapping: string;
  readonly access: Access;
}

/** What a gateway runs with where nobody has a reason for something else; milliseconds. */
export const LIMITS: Limits = Object.freeze({ lease: 250, source: 2_000, uniform: 2_500, question: 10_000 });

/**
 * How a gateway publishes checkpoints that was told nothing else: hourly. Each adds at least 256 entries to the log, most of
 * them fillers, about 1.5 MB a day.
 */
export const PUBLICATION: Publication = Object.freeze({ every: 3_600_000 });
