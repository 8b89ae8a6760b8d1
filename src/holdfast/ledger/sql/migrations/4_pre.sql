-- Version 3 to 4, before the new release runs: what the running release uses stays as it is (the new table comes with metadata.sql).
-- Columns with a constant default rewrite nothing; the check is made for old rows in 4_post.sql, where nobody waits for it. Of
-- version 2, which had neither holds nor ties, only the changes of accounts are there.
DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM information_schema.columns
                   WHERE table_schema = 'ledger' AND table_name = 'account_change' AND column_name = 'metadata') THEN
        PERFORM 1 FROM ledger.head FOR UPDATE;  -- whoever writes has it first, and would want these tables in another order
        IF to_regclass('ledger.tie') IS NOT NULL THEN  -- all that is altered here and in schema.sql, in the order of those who read
            LOCK TABLE ledger.transfer, ledger.refusal, ledger.pending, ledger.release, ledger.tie, ledger.account_change,
                ledger.ended, ledger.block IN ACCESS EXCLUSIVE MODE;
        END IF;
        ALTER TABLE ledger.account_change ADD COLUMN metadata boolean NOT NULL DEFAULT false;
        ALTER TABLE IF EXISTS ledger.pending ADD COLUMN metadata boolean NOT NULL DEFAULT false;
        ALTER TABLE IF EXISTS ledger.tie ADD COLUMN metadata boolean NOT NULL DEFAULT false,
            ADD CONSTRAINT tie_says_something CHECK (metadata OR coalesce(settles, reverses, linked) IS NOT NULL) NOT VALID;
    END IF;
END $$;
