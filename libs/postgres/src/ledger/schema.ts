/**
 * The ledger's tables, as the owner of the database creates them once. Everything that binds even a gateway gone wrong is
 * here and not in TypeScript: the gateway's role reads and calls three functions, and can neither update nor delete.
 *
 * The reasons for the columns are in decisions/0001-columns.md.
 */
export const CREATE_LEDGER = `
CREATE SCHEMA ledger;

-- One log in one database, and one row that orders all who write to it.
CREATE TABLE ledger.head (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  log_id bytea NOT NULL CHECK (octet_length(log_id) = 16),
  size bigint NOT NULL CHECK (size >= 0),
  frontier bytea NOT NULL CHECK (octet_length(frontier) = 32 * bit_count(int8send(size))),
  root bytea NOT NULL CHECK (octet_length(root) = 32)
) WITH (fillfactor = 10);

-- What stays for ever. A leaf that does not follow from its header and commitment cannot be stored, and neither can a
-- NULL, which a CHECK would let pass.
CREATE TABLE ledger.entry (
  seq bigint PRIMARY KEY CHECK (seq >= 0),
  idempotency uuid UNIQUE,
  leaf bytea NOT NULL CHECK (leaf = sha256('\\x00'::bytea || header || commitment)),
  header bytea NOT NULL CHECK (octet_length(header) BETWEEN 20 AND 126),
  commitment bytea NOT NULL CHECK (octet_length(commitment) = 32)
);
-- The header ends with the entry's id, 16 random bytes: four of them find it.
CREATE INDEX entry_id ON ledger.entry (substr(header, octet_length(header) - 15, 4));

-- What erasure deletes, all of it by deleting one row. The names of the keys and the wrapped keys stand side by side,
-- 40 bytes each, outside the commitment.
CREATE TABLE ledger.content (
  seq bigint PRIMARY KEY,
  salt bytea NOT NULL CHECK (octet_length(salt) = 32),
  ciphertext bytea NOT NULL,
  key_ids uuid[] NOT NULL,
  wrapped bytea NOT NULL CHECK (octet_length(wrapped) = 40 * cardinality(key_ids))
);
-- Without fast update: a pending list would be merged by whoever appends next, while everybody waits for the head.
CREATE INDEX content_key_ids ON ledger.content USING gin (key_ids) WITH (fastupdate = off);

-- Roots of full tiles: of 256 leaves (level 0), or of 256 tiles of the level below. A tile's hashes are the leaves, or
-- these roots; they are not stored twice, where one copy could say something else than the other.
CREATE TABLE ledger.tile (
  level smallint NOT NULL CHECK (level >= 0),
  index bigint NOT NULL CHECK (index >= 0),
  root bytea NOT NULL CHECK (octet_length(root) = 32),
  PRIMARY KEY (level, index)
);

CREATE TABLE ledger.checkpoint (
  size bigint PRIMARY KEY,
  note text NOT NULL
);

CREATE FUNCTION ledger.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the ledger is append-only: % of % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = '55000';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.entry
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.tile
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.checkpoint
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.content
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse();
CREATE TRIGGER head_stays BEFORE DELETE OR TRUNCATE ON ledger.head
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse();

CREATE FUNCTION ledger.only_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.size <= OLD.size OR NEW.log_id <> OLD.log_id THEN
    RAISE EXCEPTION 'the log only grows: from % to % is refused', OLD.size, NEW.size USING ERRCODE = '55000';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER only_grow BEFORE UPDATE ON ledger.head FOR EACH ROW EXECUTE FUNCTION ledger.only_grow();

-- Begins the log where there is none, and refuses to take another log for this one.
CREATE FUNCTION ledger.open(wanted bytea) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO ledger.head (log_id, size, frontier, root) VALUES (wanted, 0, ''::bytea, sha256(''::bytea))
    ON CONFLICT DO NOTHING;
  IF NOT EXISTS (SELECT FROM ledger.head WHERE log_id = wanted) THEN
    RAISE EXCEPTION 'this database holds another log' USING ERRCODE = '55000';
  END IF;
END $$;

-- Appends a whole batch or nothing. Entry i lies in packed: leaf and salt at 64 * i, and from offsets[4 * i + 1] on its
-- header, ciphertext and wrapped keys; the offsets of what would come next follow the last entry's. Every 4th offset
-- counts keys instead of bytes.
--
-- One call is one statement, and so one transaction where the caller has none. Its first step locks the head, and each
-- later step sees what was committed before the lock was had: a check in the same statement as the lock would look at
-- the past. What it raises undoes all of it: LG001 says which were recorded before, LG002 what the clock says.
CREATE FUNCTION ledger.append(
  expected bigint,
  entries integer,
  earliest bigint,
  latest bigint,
  packed bytea,
  offsets integer[],
  idempotencies uuid[],
  keys uuid[],
  new_frontier bytea,
  new_root bytea,
  tile_levels smallint[],
  tile_indices bigint[],
  tile_roots bytea
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
  -- One plan for every size of batch, and never a scan of the whole log, even while its statistics are those of an empty one.
  SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
  now_ms bigint;
BEGIN
  UPDATE ledger.head SET size = expected + entries, frontier = new_frontier, root = new_root WHERE size = expected;
  IF NOT FOUND THEN
    RETURN false;
  END IF;

  -- After the lock, for which it may have waited. A gateway whose clock is an hour slow would honour expired consents.
  now_ms := floor(extract(epoch FROM clock_timestamp()) * 1000);
  IF earliest < now_ms - 5000 OR latest > now_ms + 5000 THEN
    RAISE EXCEPTION 'an instant is too far from the clock' USING ERRCODE = 'LG002', DETAIL = now_ms;
  END IF;

  IF EXISTS (SELECT FROM ledger.entry WHERE idempotency = ANY (idempotencies)) THEN
    RAISE EXCEPTION 'recorded before' USING ERRCODE = 'LG001', DETAIL = (
      SELECT string_agg(
          encode(int4send(array_position(idempotencies, idempotency) - 1)
            || substr(header, octet_length(header) - 15) || leaf, 'hex'), '')
        FROM ledger.entry WHERE idempotency = ANY (idempotencies)
    );
  END IF;

  -- The commitment is computed here, so that no gateway can commit to what it did not hand over.
  INSERT INTO ledger.entry (seq, idempotency, leaf, header, commitment)
    SELECT
      expected + i,
      idempotencies[i + 1],
      substr(packed, 64 * i + 1, 32),
      substr(packed, offsets[4 * i + 1] + 1, offsets[4 * i + 2] - offsets[4 * i + 1]),
      CASE
        WHEN offsets[4 * i + 3] = offsets[4 * i + 2] THEN decode(repeat('00', 32), 'hex')
        ELSE sha256(substr(packed, 64 * i + 33, 32)
          || substr(packed, offsets[4 * i + 2] + 1, offsets[4 * i + 3] - offsets[4 * i + 2]))
      END
    FROM generate_series(0, entries - 1) AS i;
  INSERT INTO ledger.content (seq, salt, ciphertext, key_ids, wrapped)
    SELECT
      expected + i,
      substr(packed, 64 * i + 33, 32),
      substr(packed, offsets[4 * i + 2] + 1, offsets[4 * i + 3] - offsets[4 * i + 2]),
      keys[offsets[4 * i + 4] + 1 : offsets[4 * i + 8]],
      substr(packed, offsets[4 * i + 3] + 1, offsets[4 * i + 5] - offsets[4 * i + 3])
    FROM generate_series(0, entries - 1) AS i
    WHERE offsets[4 * i + 3] > offsets[4 * i + 2];
  IF cardinality(tile_levels) > 0 THEN
    INSERT INTO ledger.tile (level, index, root)
      SELECT tile_levels[t], tile_indices[t], substr(tile_roots, 32 * t - 31, 32)
        FROM generate_series(1, cardinality(tile_levels)) AS t;
  END IF;
  RETURN true;
END $$;

-- Keeps a signed checkpoint. Of one size there is one, and none beyond the log's end.
CREATE FUNCTION ledger.keep_checkpoint(signed_size bigint, signed_note text) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM ledger.head WHERE size >= signed_size) THEN
    RAISE EXCEPTION 'a checkpoint of size % lies beyond the log', signed_size USING ERRCODE = '55000';
  END IF;
  INSERT INTO ledger.checkpoint (size, note) VALUES (signed_size, signed_note) ON CONFLICT DO NOTHING;
END $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ledger FROM PUBLIC;
`;

/** What a gateway's role may do with all this; its name comes quoted as an identifier. */
export function ledgerGrants(role: string): string {
  return `
    GRANT USAGE ON SCHEMA ledger TO ${role};
    GRANT SELECT ON ALL TABLES IN SCHEMA ledger TO ${role};
    GRANT EXECUTE ON FUNCTION ledger.open, ledger.append, ledger.keep_checkpoint TO ${role};
  `;
}

/** Takes all of it away, for a database that is to be built anew. A log that anyone relies on is never dropped. */
export const DROP_LEDGER = 'DROP SCHEMA ledger CASCADE;';
