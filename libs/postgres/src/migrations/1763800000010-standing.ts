import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which members the ledger has suspended. */
export class Standing1763800000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE postern.standing (agency text PRIMARY KEY, suspended boolean NOT NULL)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE postern.standing');
  }
}
