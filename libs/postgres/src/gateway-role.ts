import { escapeIdentifier, escapeLiteral } from 'pg';
import type { DataSource } from 'typeorm';
import { codeOf } from './error.js';
import { ledgerGrants } from './ledger/schema.js';

/**
 * Whom gateways connect as. A role belongs to the whole server: where two databases on it are somebody's, each has a role
 * of its own, or preparing one would change the password that the gateways of the other hold.
 */
export interface GatewayRole {
  readonly name: string;
  readonly password: string;
}

const ALREADY_THERE = new Set(['42710', '23505']);

/** Creates the role where there is none, and gives it its password and what it may do in this database. */
export async function prepareRole(owner: DataSource, { name, password }: GatewayRole): Promise<void> {
  const role = escapeIdentifier(name);
  await owner.query(`CREATE ROLE ${role} NOLOGIN`).catch((cause: unknown) => {
    if (!ALREADY_THERE.has(codeOf(cause) ?? '')) throw cause;
  });
  await owner.query(ledgerGrants(role) + projectionGrants(role));
  await owner.query(`ALTER ROLE ${role} LOGIN PASSWORD ${escapeLiteral(password)}`);
}

/** It adds; it changes only rows that later entries change; and it deletes nothing but links that were ended. */
function projectionGrants(role: string): string {
  return `
    GRANT USAGE ON SCHEMA postern TO ${role};
    GRANT SELECT ON ALL TABLES IN SCHEMA postern TO ${role};
    GRANT INSERT ON postern.person, postern.handle, postern.link, postern.link_code, postern.docket, postern.consent,
      postern.fact, postern.inquiry, postern.review, postern.origin, postern.bundle, postern.publication,
      postern.lease, postern.standing, postern.revoked_certificate, postern.recipient_key, postern.broken_glass TO ${role};
    GRANT UPDATE ON postern.link_code, postern.consent, postern.inquiry, postern.origin, postern.standing TO ${role};
    GRANT UPDATE (revoked_at) ON postern.revoked_certificate TO ${role};
    GRANT UPDATE (withdrawn) ON postern.recipient_key TO ${role};
    GRANT UPDATE (taken_back) ON postern.fact TO ${role};
    GRANT UPDATE (closed) ON postern.review TO ${role};
    GRANT DELETE ON postern.link TO ${role};
  `;
}
