import type { MigrationInterface, QueryRunner } from 'typeorm';
import { CREATE_LEDGER, DROP_LEDGER } from '../ledger/schema.js';

export class Ledger1763800000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CREATE_LEDGER);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DROP_LEDGER);
  }
}
