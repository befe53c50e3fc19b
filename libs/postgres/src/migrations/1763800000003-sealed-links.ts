import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A link says on what ground two agencies know one person, in words that somebody typed about her. Fails where there are
 * links already: nobody here has the keys to seal them, and dropping them would make strangers of people who are linked.
 */
export class SealedLinks1763800000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE postern.link DROP COLUMN a, DROP COLUMN b, DROP COLUMN basis, DROP COLUMN made_at,
        ADD COLUMN person uuid NOT NULL, ADD COLUMN sealed bytea NOT NULL;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE postern.link DROP COLUMN person, DROP COLUMN sealed, ADD COLUMN a text NOT NULL,
        ADD COLUMN b text NOT NULL, ADD COLUMN basis jsonb NOT NULL, ADD COLUMN made_at bigint NOT NULL;
    `);
  }
}
