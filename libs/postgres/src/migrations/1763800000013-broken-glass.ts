import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When the glass was broken, who must not review it, and which reviews are closed. */
export class BrokenGlass1763800000013 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE postern.review ADD COLUMN sealed bytea, ADD COLUMN closed boolean NOT NULL DEFAULT false;
      CREATE TABLE postern.broken_glass (
        decision uuid, person uuid, sealed bytea NOT NULL, PRIMARY KEY (decision, person)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE postern.broken_glass;
      ALTER TABLE postern.review DROP COLUMN sealed, DROP COLUMN closed;
    `);
  }
}
