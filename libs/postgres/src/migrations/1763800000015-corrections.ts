import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which statements their own agencies have taken back. */
export class Corrections1763800000015 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE postern.fact ADD COLUMN taken_back boolean NOT NULL DEFAULT false');
  }

  /** Statements that were taken back would count again. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DELETE FROM postern.fact WHERE taken_back;
      ALTER TABLE postern.fact DROP COLUMN taken_back;
    `);
  }
}
