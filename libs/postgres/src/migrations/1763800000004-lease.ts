import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How long after it began to record may a gateway release: one value for all who write here. */
export class Lease1763800000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE postern.lease (
        single boolean PRIMARY KEY DEFAULT true CHECK (single), milliseconds integer NOT NULL CHECK (milliseconds > 0)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE postern.lease');
  }
}
