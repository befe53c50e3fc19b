import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Projections1763800000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE postern.agency (
        id text PRIMARY KEY, title text NOT NULL, sector text NOT NULL, regimes text[] NOT NULL, units text[] NOT NULL,
        key_id uuid NOT NULL UNIQUE, wrapped_key bytea NOT NULL
      );
      CREATE TABLE postern.caller_key (
        kid text PRIMARY KEY, agency text NOT NULL REFERENCES postern.agency, public_key jsonb NOT NULL
      );
      CREATE TABLE postern.revoked_certificate (
        serial text PRIMARY KEY, agency text NOT NULL REFERENCES postern.agency, revoked_at bigint NOT NULL
      );
      CREATE TABLE postern.person (id uuid PRIMARY KEY, wrapped_key bytea NOT NULL);
      CREATE TABLE postern.handle (
        id text PRIMARY KEY, agency text NOT NULL REFERENCES postern.agency, person uuid NOT NULL UNIQUE,
        local_id_hash bytea NOT NULL UNIQUE, sealed_local_id bytea NOT NULL, opened_at bigint NOT NULL
      );
      CREATE TABLE postern.link (id uuid PRIMARY KEY, a text NOT NULL, b text NOT NULL, basis jsonb NOT NULL, made_at bigint NOT NULL);
      CREATE TABLE postern.link_code (secret_hash bytea PRIMARY KEY, person uuid NOT NULL, sealed bytea NOT NULL);
      CREATE TABLE postern.docket (
        number_hash bytea, handle text, role text, agency text NOT NULL, PRIMARY KEY (number_hash, handle, role)
      );
      CREATE TABLE postern.consent (id uuid PRIMARY KEY, person uuid NOT NULL, sealed bytea NOT NULL);
      CREATE INDEX ON postern.consent (person);
      CREATE TABLE postern.fact (id uuid PRIMARY KEY, person uuid NOT NULL, sealed bytea NOT NULL);
      CREATE INDEX ON postern.fact (person);
      CREATE TABLE postern.inquiry (id uuid PRIMARY KEY, person uuid NOT NULL, sealed bytea NOT NULL, sealed_answer bytea);
      CREATE INDEX ON postern.inquiry (person);
      CREATE TABLE postern.review (id uuid PRIMARY KEY, agency text NOT NULL, person uuid NOT NULL, duty text NOT NULL, due bigint NOT NULL);
      CREATE TABLE postern.origin (person uuid PRIMARY KEY, sealed bytea NOT NULL);
      CREATE TABLE postern.bundle (digest text PRIMARY KEY, files jsonb NOT NULL, vocabulary text NOT NULL);
      CREATE TABLE postern.publication (at bigint PRIMARY KEY, digest text NOT NULL);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA postern CASCADE; CREATE SCHEMA postern');
  }
}
