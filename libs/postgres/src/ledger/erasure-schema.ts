/**
 * What lets content go, and only so: a row leaves `content` because an erasure in the log lists it, in the transaction that
 * appends that erasure. Whoever owns the database can take triggers away; then the log and what is left of it differ, and
 * every export shows where.
 */
export const CREATE_ERASURE = `
-- Whose content went, and by which erasure: the log's own word, as a table that triggers can look into.
CREATE TABLE ledger.erased (
  seq bigint PRIMARY KEY,
  erasure bigint NOT NULL CHECK (erasure > seq)
);
-- Keys that are destroyed: nothing may be sealed under them, and nothing keeps a share for them.
CREATE TABLE ledger.destroyed_key (
  id uuid PRIMARY KEY,
  erasure bigint NOT NULL
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.erased
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.destroyed_key
  FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse();

CREATE FUNCTION ledger.only_erase() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF EXISTS (SELECT FROM ledger.erased WHERE seq = OLD.seq) THEN
      RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the ledger is append-only: no erasure lists %', OLD.seq USING ERRCODE = '55000';
  END IF;
  -- Shares of destroyed keys go; nothing else changes, and none of the others' shares.
  IF NEW.seq = OLD.seq AND NEW.salt = OLD.salt AND NEW.ciphertext = OLD.ciphertext AND cardinality(NEW.key_ids) > 0
    AND NEW.key_ids = (SELECT array_agg(id ORDER BY i) FROM unnest(OLD.key_ids) WITH ORDINALITY AS held (id, i)
      WHERE NOT EXISTS (SELECT FROM ledger.destroyed_key AS gone WHERE gone.id = held.id))
    AND NEW.wrapped = (SELECT string_agg(substr(OLD.wrapped, 40 * i::integer - 39, 40), ''::bytea ORDER BY i)
      FROM unnest(OLD.key_ids) WITH ORDINALITY AS held (id, i) WHERE id = ANY (NEW.key_ids))
  THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the ledger is append-only: what % holds cannot be changed', OLD.seq USING ERRCODE = '55000';
END $$;
DROP TRIGGER append_only ON ledger.content;
CREATE TRIGGER only_erase BEFORE UPDATE OR DELETE ON ledger.content FOR EACH ROW EXECUTE FUNCTION ledger.only_erase();
CREATE TRIGGER append_only BEFORE TRUNCATE ON ledger.content FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse();

-- RFC 8949, section 3: the shortest head that holds the number.
CREATE FUNCTION ledger.cbor_head(major integer, number bigint) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE
    WHEN number < 24 THEN set_byte('\\x00'::bytea, 0, 32 * major + number::integer)
    WHEN number < 256 THEN set_byte('\\x00'::bytea, 0, 32 * major + 24) || substr(int8send(number), 8)
    WHEN number < 65536 THEN set_byte('\\x00'::bytea, 0, 32 * major + 25) || substr(int8send(number), 7)
    WHEN number < 4294967296 THEN set_byte('\\x00'::bytea, 0, 32 * major + 26) || substr(int8send(number), 5)
    ELSE set_byte('\\x00'::bytea, 0, 32 * major + 27) || int8send(number)
  END $$;

-- Destroys what these indices hold, if the entry just appended is an erasure that lists exactly them, and if nobody could
-- open them but those keys. With the last of them the keys' shares in other entries go too.
CREATE FUNCTION ledger.erase(listed_by bigint, indices bigint[], keys uuid[], is_last boolean) RETURNS void
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  gone integer;
BEGIN
  IF NOT EXISTS (
    SELECT FROM ledger.entry AS e JOIN ledger.content AS c ON c.seq = e.seq
      WHERE e.seq = listed_by AND substr(e.header, 1, 3) = '\\xa40101'::bytea
        AND c.ciphertext = '\\xa101'::bytea || ledger.cbor_head(4, cardinality(indices)) || coalesce(
          (SELECT string_agg(ledger.cbor_head(0, one), ''::bytea ORDER BY i)
            FROM unnest(indices) WITH ORDINALITY AS listed (one, i)), ''::bytea)
  ) THEN
    RAISE EXCEPTION 'the erasure at % does not list what is to be erased', listed_by USING ERRCODE = '55000';
  END IF;
  -- Each index once: erased before, it breaks the primary key here.
  INSERT INTO ledger.erased (seq, erasure) SELECT one, listed_by FROM unnest(indices) AS one;
  DELETE FROM ledger.content WHERE seq = ANY (indices) AND key_ids && keys AND key_ids <@ keys;
  GET DIAGNOSTICS gone = ROW_COUNT;
  IF gone <> cardinality(indices) THEN
    RAISE EXCEPTION 'somebody who is not erased can still open what is to be erased' USING ERRCODE = '55000';
  END IF;
  IF NOT is_last THEN
    RETURN;
  END IF;
  INSERT INTO ledger.destroyed_key (id, erasure) SELECT id, listed_by FROM unnest(keys) AS id;
  UPDATE ledger.content AS c SET (key_ids, wrapped) = (
      SELECT array_agg(id ORDER BY i), string_agg(substr(c.wrapped, 40 * i::integer - 39, 40), ''::bytea ORDER BY i)
        FROM unnest(c.key_ids) WITH ORDINALITY AS held (id, i) WHERE id <> ALL (keys)
    ) WHERE c.key_ids && keys;
END $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ledger FROM PUBLIC;
`;
