-- The books. Run as a whole by ledger/schema.py (version 4); safe to run again.
-- Hashed bytes: see holdfast/contracts/blocks.py, which computes the same.
CREATE SCHEMA IF NOT EXISTS ledger;

CREATE TABLE IF NOT EXISTS ledger.version (one boolean PRIMARY KEY DEFAULT true CHECK (one), version int NOT NULL);

-- One row: the end of the books. Its lock orders everything that is written to them.
CREATE TABLE IF NOT EXISTS ledger.head (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    block bigint NOT NULL, hash bytea NOT NULL, seq bigint NOT NULL, at_us bigint NOT NULL
) WITH (fillfactor = 10);
INSERT INTO ledger.head (block, hash, seq, at_us) VALUES (0, decode(repeat('00', 32), 'hex'), 0, 0) ON CONFLICT DO NOTHING;

CREATE TABLE IF NOT EXISTS ledger.block (
    number bigint PRIMARY KEY, previous bytea NOT NULL, hash bytea NOT NULL, at_us bigint NOT NULL, items int NOT NULL
);

-- balance_minor is counted on the account's normal side; floor_minor is the least it may become; held_minor is what open
-- pending transfers would lower it by. What may still be spent: balance_minor - floor_minor - held_minor.
CREATE TABLE IF NOT EXISTS ledger.account (
    account bigint PRIMARY KEY, code text NOT NULL UNIQUE, currency text NOT NULL,
    side text NOT NULL CHECK (side IN ('credit', 'debit')), floor_minor bigint NOT NULL, flags int NOT NULL,
    cohort int NOT NULL, balance_minor bigint NOT NULL DEFAULT 0,
    held_minor bigint NOT NULL DEFAULT 0 CONSTRAINT held_not_negative CHECK (held_minor >= 0)
) WITH (fillfactor = 60);

CREATE INDEX IF NOT EXISTS account_held ON ledger.account (account) WHERE held_minor <> 0;

CREATE TABLE IF NOT EXISTS ledger.account_change (
    block bigint NOT NULL, item int NOT NULL, account bigint NOT NULL, code text NOT NULL, currency text NOT NULL,
    side text NOT NULL, floor_minor bigint NOT NULL, flags int NOT NULL, cohort int NOT NULL,
    metadata boolean NOT NULL DEFAULT false, PRIMARY KEY (block, item)
);

CREATE TABLE IF NOT EXISTS ledger.transfer (
    seq bigint PRIMARY KEY, id uuid NOT NULL UNIQUE, block bigint NOT NULL, item int NOT NULL,
    debit bigint NOT NULL, credit bigint NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0), currency text NOT NULL, kind text NOT NULL,
    value_date date NOT NULL, cohort int NOT NULL, epoch bigint NOT NULL,
    source text NOT NULL CHECK (source IN ('own', 'journal')), journal_number bigint NOT NULL,
    cause text NOT NULL, over_floor boolean NOT NULL, note_hash bytea NOT NULL, CHECK (debit <> credit)
);
-- That both accounts exist is seen to under the head's lock, where accounts are opened too, and by the proof; they are never
-- deleted (below). Foreign keys would look each of them up once more and write a lock on it: a quarter of a transfer's cost.
ALTER TABLE ledger.transfer DROP CONSTRAINT IF EXISTS transfer_debit_fkey, DROP CONSTRAINT IF EXISTS transfer_credit_fkey;
CREATE INDEX IF NOT EXISTS transfer_debit ON ledger.transfer (debit, seq);
CREATE INDEX IF NOT EXISTS transfer_credit ON ledger.transfer (credit, seq);
CREATE INDEX IF NOT EXISTS transfer_block ON ledger.transfer (block, item);

-- Personal words of a transfer with the salt of their hash, sealed by a key apart from the database (ledger/notes.py); the
-- only table of the books from which rows may be erased.
CREATE TABLE IF NOT EXISTS ledger.note (id uuid PRIMARY KEY, sealed bytea NOT NULL);

CREATE TABLE IF NOT EXISTS ledger.refusal (
    id uuid PRIMARY KEY, block bigint NOT NULL, item int NOT NULL, debit bigint NOT NULL, credit bigint NOT NULL,
    amount_minor bigint NOT NULL, currency text NOT NULL, kind text NOT NULL, reason text NOT NULL,
    rules_version text NOT NULL, cohort int NOT NULL, epoch bigint NOT NULL,
    source text NOT NULL CHECK (source IN ('own', 'journal')), journal_number bigint NOT NULL
);
CREATE INDEX IF NOT EXISTS refusal_debit ON ledger.refusal (debit, block);
CREATE INDEX IF NOT EXISTS refusal_block ON ledger.refusal (block, item);

-- Money held for a transfer to come; no entry of it exists. Each ends once: in `ended`, by the transfer that settles it or by
-- its release (voided, or expired when expires_us, microseconds since 1970 UTC, has passed).
CREATE TABLE IF NOT EXISTS ledger.pending (
    id uuid PRIMARY KEY, block bigint NOT NULL, item int NOT NULL,
    debit bigint NOT NULL REFERENCES ledger.account, credit bigint NOT NULL REFERENCES ledger.account,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0), currency text NOT NULL, kind text NOT NULL,
    value_date date NOT NULL, cohort int NOT NULL, epoch bigint NOT NULL,
    source text NOT NULL CHECK (source IN ('own', 'journal')), journal_number bigint NOT NULL,
    cause text NOT NULL, expires_us bigint NOT NULL, linked uuid, note_hash bytea NOT NULL,
    metadata boolean NOT NULL DEFAULT false, CHECK (debit <> credit)
);
CREATE INDEX IF NOT EXISTS pending_block ON ledger.pending (block, item);
CREATE INDEX IF NOT EXISTS pending_linked ON ledger.pending (linked) WHERE linked IS NOT NULL;

CREATE TABLE IF NOT EXISTS ledger.release (
    id uuid PRIMARY KEY, block bigint NOT NULL, item int NOT NULL, pending uuid NOT NULL UNIQUE REFERENCES ledger.pending,
    how text NOT NULL CHECK (how IN ('voided', 'expired')), debit bigint NOT NULL, credit bigint NOT NULL,
    amount_minor bigint NOT NULL, currency text NOT NULL, cohort int NOT NULL, epoch bigint NOT NULL,
    cause text NOT NULL, linked uuid
);
CREATE INDEX IF NOT EXISTS release_block ON ledger.release (block, item);

-- What binds a transfer to others (contracts/items.py, Tie), and that it carries metadata: beside the transfers, so that plain
-- ones pay nothing for it.
CREATE TABLE IF NOT EXISTS ledger.tie (
    id uuid PRIMARY KEY REFERENCES ledger.transfer (id), block bigint NOT NULL,
    settles uuid UNIQUE REFERENCES ledger.pending, released_minor bigint NOT NULL, reverses uuid, linked uuid,
    metadata boolean NOT NULL DEFAULT false,
    CONSTRAINT tie_says_something CHECK (metadata OR coalesce(settles, reverses, linked) IS NOT NULL)
);
CREATE INDEX IF NOT EXISTS tie_block ON ledger.tie (block);
CREATE INDEX IF NOT EXISTS tie_reverses ON ledger.tie (reverses) WHERE reverses IS NOT NULL;
CREATE INDEX IF NOT EXISTS tie_linked ON ledger.tie (linked) WHERE linked IS NOT NULL;

-- Ended pending transfers and what ended them: the key sees to it that each ends once, whichever way.
CREATE TABLE IF NOT EXISTS ledger.ended (pending uuid PRIMARY KEY REFERENCES ledger.pending, by uuid NOT NULL);

-- Those that have not ended, to be found by account and by their end; as ledger.account it only says what follows from the rest.
CREATE TABLE IF NOT EXISTS ledger.open_pending (
    id uuid PRIMARY KEY REFERENCES ledger.pending, debit bigint NOT NULL, credit bigint NOT NULL,
    amount_minor bigint NOT NULL, expires_us bigint NOT NULL
);
CREATE INDEX IF NOT EXISTS open_pending_debit ON ledger.open_pending (debit);
CREATE INDEX IF NOT EXISTS open_pending_credit ON ledger.open_pending (credit);
CREATE INDEX IF NOT EXISTS open_pending_expires ON ledger.open_pending (expires_us);

-- The rows of the register as these books know them; the epoch only grows.
CREATE TABLE IF NOT EXISTS ledger.cohort_row (
    cohort int PRIMARY KEY, mode text NOT NULL, epoch bigint NOT NULL, forced bigint NOT NULL DEFAULT 0
);

CREATE OR REPLACE FUNCTION ledger.forbid_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the books are never changed or deleted (table ledger.%)', TG_TABLE_NAME;
END $$;
DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['block', 'transfer', 'refusal', 'account_change', 'pending', 'release', 'tie', 'ended'] LOOP
        EXECUTE format('DROP TRIGGER IF EXISTS never_changed ON ledger.%I', t);
        EXECUTE format('CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.%I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION ledger.forbid_change()', t);
    END LOOP;
END $$;

DROP TRIGGER IF EXISTS never_deleted ON ledger.account;
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON ledger.account FOR EACH STATEMENT EXECUTE FUNCTION ledger.forbid_change();

-- STABLE, as convert_to is: marked otherwise it would not be inlined, which makes hashing three times as slow.
CREATE OR REPLACE FUNCTION ledger.text_bytes(words text) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT int4send(octet_length(convert_to(words, 'UTF8'))) || convert_to(words, 'UTF8') $$;

CREATE OR REPLACE FUNCTION ledger.transfer_bytes(t ledger.transfer) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT '\x54'::bytea || uuid_send(t.id) || int8send(t.debit) || int8send(t.credit) || int8send(t.amount_minor)
        || ledger.text_bytes(t.currency) || ledger.text_bytes(t.kind)
        || int4send(t.value_date - date '1970-01-01') || int4send(t.cohort) || int8send(t.epoch)
        || ledger.text_bytes(t.source) || int8send(t.journal_number) || ledger.text_bytes(t.cause)
        || CASE WHEN t.over_floor THEN '\x01'::bytea ELSE '\x00'::bytea END || t.note_hash
$$;

CREATE OR REPLACE FUNCTION ledger.refusal_bytes(r ledger.refusal) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT '\x52'::bytea || uuid_send(r.id) || int8send(r.debit) || int8send(r.credit) || int8send(r.amount_minor)
        || ledger.text_bytes(r.currency) || ledger.text_bytes(r.kind) || ledger.text_bytes(r.reason)
        || ledger.text_bytes(r.rules_version) || int4send(r.cohort) || int8send(r.epoch)
        || ledger.text_bytes(r.source) || int8send(r.journal_number)
$$;

CREATE OR REPLACE FUNCTION ledger.change_bytes(a ledger.account_change) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT '\x41'::bytea || int8send(a.account) || ledger.text_bytes(a.code) || ledger.text_bytes(a.currency)
        || ledger.text_bytes(a.side) || int8send(a.floor_minor) || int4send(a.flags) || int4send(a.cohort)
$$;

CREATE OR REPLACE FUNCTION ledger.ident_bytes(ident uuid) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT uuid_send(coalesce(ident, '00000000-0000-0000-0000-000000000000')) $$;

-- Of a transfer that is bound to others: another letter, the same bytes, and its ties behind them.
CREATE OR REPLACE FUNCTION ledger.tied_bytes(t ledger.transfer, x ledger.tie) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT '\x58'::bytea || substring(ledger.transfer_bytes(t) FROM 2) || ledger.ident_bytes(x.settles)
        || int8send(x.released_minor) || ledger.ident_bytes(x.reverses) || ledger.ident_bytes(x.linked)
$$;

CREATE OR REPLACE FUNCTION ledger.pending_bytes(p ledger.pending) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT '\x50'::bytea || uuid_send(p.id) || int8send(p.debit) || int8send(p.credit) || int8send(p.amount_minor)
        || ledger.text_bytes(p.currency) || ledger.text_bytes(p.kind)
        || int4send(p.value_date - date '1970-01-01') || int4send(p.cohort) || int8send(p.epoch)
        || ledger.text_bytes(p.source) || int8send(p.journal_number) || ledger.text_bytes(p.cause)
        || int8send(p.expires_us) || ledger.ident_bytes(p.linked) || p.note_hash
$$;

CREATE OR REPLACE FUNCTION ledger.release_bytes(r ledger.release) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT '\x56'::bytea || uuid_send(r.id) || uuid_send(r.pending) || ledger.text_bytes(r.how) || int8send(r.debit)
        || int8send(r.credit) || int8send(r.amount_minor) || ledger.text_bytes(r.currency) || int4send(r.cohort)
        || int8send(r.epoch) || ledger.text_bytes(r.cause) || ledger.ident_bytes(r.linked)
$$;

-- Of what carries metadata: a letter before its bytes, and the metadata (metadata.sql) behind them.
CREATE OR REPLACE FUNCTION ledger.described_bytes(whole bytea, p_block bigint, p_item int) RETURNS bytea LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN '\x4d'::bytea || whole || ledger.metadata_bytes(p_block, p_item);
END $$;

-- The bytes of a block's items in their order; empty for a block without any. Not in plain SQL: its plan would be made anew
-- for each block, which takes longer than a block of one transfer.
CREATE OR REPLACE FUNCTION ledger.items_bytes(wanted bigint) RETURNS bytea LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_bytes bytea;
BEGIN
    SELECT coalesce(string_agg(b, ''::bytea ORDER BY item), ''::bytea) INTO v_bytes FROM (
        SELECT t.item, CASE WHEN x.id IS NULL THEN ledger.transfer_bytes(t) WHEN NOT x.metadata THEN ledger.tied_bytes(t, x)
                ELSE ledger.described_bytes(CASE WHEN coalesce(x.settles, x.reverses, x.linked) IS NULL
                    THEN ledger.transfer_bytes(t) ELSE ledger.tied_bytes(t, x) END, t.block, t.item) END AS b
            FROM ledger.transfer t LEFT JOIN ledger.tie x ON x.id = t.id AND x.block = wanted WHERE t.block = wanted
        UNION ALL SELECT item, ledger.refusal_bytes(r) FROM ledger.refusal r WHERE block = wanted
        UNION ALL SELECT item, CASE WHEN a.metadata THEN ledger.described_bytes(ledger.change_bytes(a), a.block, a.item)
                ELSE ledger.change_bytes(a) END FROM ledger.account_change a WHERE block = wanted
        UNION ALL SELECT item, CASE WHEN p.metadata THEN ledger.described_bytes(ledger.pending_bytes(p), p.block, p.item)
                ELSE ledger.pending_bytes(p) END FROM ledger.pending p WHERE block = wanted
        UNION ALL SELECT item, ledger.release_bytes(v) FROM ledger.release v WHERE block = wanted) y;
    RETURN v_bytes;
END $$;

CREATE OR REPLACE FUNCTION ledger.bytes_hash(wanted bigint, previous bytea, at_us bigint, items int, bytes bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT sha256('\x48464231'::bytea || int8send(wanted) || previous || int8send(at_us) || int4send(items) || bytes) $$;

CREATE OR REPLACE FUNCTION ledger.block_hash(wanted bigint, previous bytea, at_us bigint, items int) RETURNS bytea
LANGUAGE sql STABLE AS $$ SELECT ledger.bytes_hash(wanted, previous, at_us, items, ledger.items_bytes(wanted)) $$;

-- Appends the block of these items' bytes, which were inserted under its number; the caller holds the head's lock.
CREATE OR REPLACE FUNCTION ledger.append_bytes(h ledger.head, p_items int, p_seq bigint, p_bytes bytea) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    v_number bigint := h.block + 1;
    v_at bigint := greatest((extract(epoch FROM clock_timestamp()) * 1000000)::bigint, h.at_us);
    v_hash bytea;
BEGIN
    v_hash := ledger.bytes_hash(v_number, h.hash, v_at, p_items, p_bytes);
    INSERT INTO ledger.block VALUES (v_number, h.hash, v_hash, v_at, p_items);
    UPDATE ledger.head SET block = v_number, hash = v_hash, seq = p_seq, at_us = v_at;
    RETURN v_number;
END $$;

-- The same for items that are read again for it.
CREATE OR REPLACE FUNCTION ledger.append_block(h ledger.head, p_items int, p_seq bigint) RETURNS bigint
LANGUAGE sql AS $$ SELECT ledger.append_bytes(h, p_items, p_seq, ledger.items_bytes(h.block + 1)) $$;

-- Opens accounts, or changes their floor and flags; currency, side and code of an account never change.
CREATE OR REPLACE FUNCTION ledger.change_accounts(
    p_account bigint[], p_code text[], p_currency text[], p_side text[], p_floor bigint[], p_flags int[], p_cohort int[]
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    h ledger.head;
    v_wrong bigint;
BEGIN
    SELECT * INTO h FROM ledger.head FOR UPDATE;
    SELECT a.account INTO v_wrong FROM unnest(p_account, p_code, p_currency, p_side) AS n(account, code, currency, side)
        JOIN ledger.account a USING (account)
        WHERE (a.code, a.currency, a.side) IS DISTINCT FROM (n.code, n.currency, n.side) LIMIT 1;
    IF v_wrong IS NOT NULL THEN
        RAISE EXCEPTION 'account % exists with another code, currency or side', v_wrong;
    END IF;
    INSERT INTO ledger.account_change
        SELECT h.block + 1, (i - 1)::int, account, code, currency, side, floor_minor, flags, cohort
        FROM unnest(p_account, p_code, p_currency, p_side, p_floor, p_flags, p_cohort)
            WITH ORDINALITY AS n(account, code, currency, side, floor_minor, flags, cohort, i);
    INSERT INTO ledger.account AS a (account, code, currency, side, floor_minor, flags, cohort)
        SELECT * FROM unnest(p_account, p_code, p_currency, p_side, p_floor, p_flags, p_cohort)
        ON CONFLICT (account) DO UPDATE SET floor_minor = excluded.floor_minor, flags = excluded.flags, cohort = excluded.cohort;
    RETURN ledger.append_block(h, cardinality(p_account), h.seq);
END $$;

-- Stores the register's rows; an epoch only grows. Under the head's lock, so that no block slips between.
CREATE OR REPLACE FUNCTION ledger.learn_rows(p_cohort int[], p_mode text[], p_epoch bigint[], p_forced bigint[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM ledger.head FOR UPDATE;
    INSERT INTO ledger.cohort_row AS c SELECT * FROM unnest(p_cohort, p_mode, p_epoch, p_forced)
    ON CONFLICT (cohort) DO UPDATE SET mode = excluded.mode, epoch = excluded.epoch, forced = excluded.forced
    WHERE excluded.epoch > c.epoch OR (excluded.epoch = c.epoch AND (excluded.mode, excluded.forced) <> (c.mode, c.forced));
END $$;
