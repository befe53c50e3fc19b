import type { MigrationInterface, QueryRunner } from 'typeorm';

/** As what a law prescribes an agency. Whoever was enrolled before is prescribed as nothing until somebody says so. */
export class EntityClasses1763800000005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query("ALTER TABLE postern.agency ADD COLUMN entity_classes text[] NOT NULL DEFAULT '{}'");
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE postern.agency DROP COLUMN entity_classes');
  }
}
