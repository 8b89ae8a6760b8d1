-- Metadata: named texts of programs on transfers, holds and accounts (contracts/metadata.py). Run by ledger/schema.py behind
-- schema.sql; safe to run again. Each row stands at the block and place of the item that carries it, which says so in its column
-- `metadata`; the item's hashed bytes contain all of them. Of an account the newest change that carries metadata counts, whole.
CREATE TABLE IF NOT EXISTS ledger.metadata (
    block bigint NOT NULL, item int NOT NULL, name text COLLATE "C" NOT NULL CHECK (name ~ '^[a-z0-9_.-]{1,64}$'),
    value text COLLATE "C" NOT NULL CHECK (char_length(value) <= 500), id uuid, account bigint,
    PRIMARY KEY (block, item, name), CHECK (num_nonnulls(id, account) = 1)
);
CREATE INDEX IF NOT EXISTS metadata_id ON ledger.metadata (id) WHERE id IS NOT NULL;
CREATE INDEX IF NOT EXISTS metadata_value ON ledger.metadata (name, value, block, item);
CREATE INDEX IF NOT EXISTS account_described ON ledger.account_change (account, block, item) WHERE metadata;

DROP TRIGGER IF EXISTS never_changed ON ledger.metadata;
CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.metadata
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.forbid_change();

-- How many, then each name and value, by name.
CREATE OR REPLACE FUNCTION ledger.metadata_bytes(p_block bigint, p_item int) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT int4send(count(*)::int) || coalesce(string_agg(ledger.text_bytes(name) || ledger.text_bytes(value), ''::bytea
        ORDER BY name COLLATE "C"), ''::bytea) FROM ledger.metadata WHERE block = p_block AND item = p_item
$$;

CREATE OR REPLACE FUNCTION ledger.metadata_at(p_block bigint, p_item int) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_object_agg(name, value), '{}') FROM ledger.metadata WHERE block = p_block AND item = p_item
$$;

-- Of a transfer or a hold, which have one item each.
CREATE OR REPLACE FUNCTION ledger.metadata_of(p_id uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_object_agg(name, value), '{}') FROM ledger.metadata WHERE id = p_id
$$;

-- Of an account as of the end of a block.
CREATE OR REPLACE FUNCTION ledger.account_metadata(p_account bigint, p_block bigint) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT ledger.metadata_at(c.block, c.item) FROM ledger.account_change c
        WHERE c.account = p_account AND c.metadata AND c.block <= p_block ORDER BY c.block DESC, c.item DESC LIMIT 1), '{}')
$$;

-- Sets and takes away named texts of an account, as one block, which it gives; 0: they were so already. Under the head's lock, so
-- that of two at once none is lost. Raises HF002 for an account that is not there, HF003 when it would carry more than it may.
CREATE OR REPLACE FUNCTION ledger.describe_account(
    p_account bigint, p_set jsonb, p_removed text[], p_names_max int, p_bytes_max int
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    h ledger.head;
    v_old jsonb;
    v_new jsonb;
BEGIN
    SELECT * INTO h FROM ledger.head FOR UPDATE;
    v_old := ledger.account_metadata(p_account, h.block);
    v_new := (v_old - p_removed) || p_set;
    IF NOT EXISTS (SELECT 1 FROM ledger.account WHERE account = p_account) THEN
        RAISE EXCEPTION USING ERRCODE = 'HF002', MESSAGE = format('there is no account %s', p_account);
    ELSIF v_new = v_old THEN
        RETURN 0;
    ELSIF (SELECT count(*) > p_names_max OR sum(octet_length(e.key) + octet_length(e.value)) > p_bytes_max
            FROM jsonb_each_text(v_new) e) THEN
        RAISE EXCEPTION USING ERRCODE = 'HF003', MESSAGE = format('account %s would carry more than %s names or %s bytes of metadata',
            p_account, p_names_max, p_bytes_max);
    END IF;
    INSERT INTO ledger.account_change (block, item, account, code, currency, side, floor_minor, flags, cohort, metadata)
        SELECT h.block + 1, 0, account, code, currency, side, floor_minor, flags, cohort, true
        FROM ledger.account WHERE account = p_account;
    INSERT INTO ledger.metadata (block, item, name, value, account)
        SELECT h.block + 1, 0, e.key, e.value, p_account FROM jsonb_each_text(v_new) e;
    RETURN ledger.append_block(h, 1, h.seq);
END $$;
