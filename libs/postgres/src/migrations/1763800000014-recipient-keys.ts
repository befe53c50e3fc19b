import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The keys under which sources may seal values for an agency. */
export class RecipientKeys1763800000014 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE postern.recipient_key (
        agency text, kid text, seq bigint NOT NULL, public_key jsonb NOT NULL, withdrawn boolean NOT NULL,
        PRIMARY KEY (agency, kid)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE postern.recipient_key');
  }
}
