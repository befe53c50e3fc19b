import type { MigrationInterface, QueryRunner } from 'typeorm';
import { CREATE_ERASURE } from '../ledger/erasure-schema.js';

/** Erasing a person, legal holds, and key-encryption keys that come to an end. */
export class Erasure1763800000012 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CREATE_ERASURE);
    await runner.query(`
      -- The entry that ordered it. The key is there until all that only she could open is gone.
      ALTER TABLE postern.person ADD COLUMN erased_by bigint;
      CREATE TABLE postern.hold (person uuid PRIMARY KEY, sealed bytea NOT NULL);

      -- When a key-encryption key began to wrap, and when the ones before it were destroyed.
      CREATE TABLE postern.key_epoch (
        epoch integer PRIMARY KEY CHECK (epoch > 0), began_at bigint NOT NULL, finished_at bigint
      );
      CREATE FUNCTION postern.epoch_of(wrapped bytea) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
        SELECT CASE octet_length(wrapped)
          WHEN 44 THEN (get_byte(wrapped, 0) << 24) + (get_byte(wrapped, 1) << 16)
            + (get_byte(wrapped, 2) << 8) + get_byte(wrapped, 3)
          ELSE 0
        END $$;
      -- A gateway that has not heard of the newest key would wrap a person's key under one that is about to be destroyed.
      CREATE FUNCTION postern.refuse_old_epoch() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF postern.epoch_of(NEW.wrapped_key) < (SELECT max(epoch) FROM postern.key_epoch) THEN
          RAISE EXCEPTION 'wrapped under a key that is going out of use' USING ERRCODE = '55000';
        END IF;
        RETURN NEW;
      END $$;
      CREATE TRIGGER newest_epoch BEFORE INSERT OR UPDATE OF wrapped_key ON postern.person
        FOR EACH ROW EXECUTE FUNCTION postern.refuse_old_epoch();
      CREATE TRIGGER newest_epoch BEFORE INSERT OR UPDATE OF wrapped_key ON postern.agency
        FOR EACH ROW EXECUTE FUNCTION postern.refuse_old_epoch();
    `);
  }

  /** Content that is erased does not come back: where there is any, its reasons stay. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DO $$ BEGIN
        IF EXISTS (SELECT FROM ledger.destroyed_key) THEN RAISE EXCEPTION 'persons have been erased'; END IF;
      END $$;
      DROP TRIGGER newest_epoch ON postern.person;
      DROP TRIGGER newest_epoch ON postern.agency;
      DROP FUNCTION postern.refuse_old_epoch, postern.epoch_of;
      DROP TABLE postern.key_epoch, postern.hold;
      ALTER TABLE postern.person DROP COLUMN erased_by;
      DROP TRIGGER only_erase ON ledger.content;
      DROP TRIGGER append_only ON ledger.content;
      DROP FUNCTION ledger.erase, ledger.cbor_head, ledger.only_erase;
      DROP TABLE ledger.erased, ledger.destroyed_key;
      CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.content
        FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse();
    `);
  }
}
