import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A serial is revoked as a certificate of one agency. By the serial alone an agency could lock out another by naming the
 * other's as its own, or keep that other's own word out of the table.
 */
export class Revocations1763800000011 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE postern.revoked_certificate
        DROP CONSTRAINT revoked_certificate_pkey, ADD PRIMARY KEY (serial, agency);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE postern.revoked_certificate DROP CONSTRAINT revoked_certificate_pkey, ADD PRIMARY KEY (serial);
    `);
  }
}
