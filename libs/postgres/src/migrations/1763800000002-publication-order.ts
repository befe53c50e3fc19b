import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Publications in the ledger's order. By the gateways' clocks a replica that starts again could take an earlier, wider
 * policy for the one that holds; and two of one millisecond could not be kept at all.
 */
export class PublicationOrder1763800000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // What was published before lies before every index of the ledger.
    await runner.query(`
      ALTER TABLE postern.publication ADD COLUMN seq bigint;
      UPDATE postern.publication AS one SET seq = earlier.seq
        FROM (SELECT at, row_number() OVER (ORDER BY at) - 1 - count(*) OVER () AS seq FROM postern.publication) AS earlier
        WHERE earlier.at = one.at;
      ALTER TABLE postern.publication DROP CONSTRAINT publication_pkey, ADD PRIMARY KEY (seq);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE postern.publication DROP CONSTRAINT publication_pkey, ADD PRIMARY KEY (at), DROP COLUMN seq;
    `);
  }
}
