-- Version 2 to 3, before the new release runs: what the running release uses stays as it is (new tables come with schema.sql).
-- A column with a constant default rewrites nothing; the check is made for old rows in 3_post.sql, where nobody waits for it.
DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM information_schema.columns
                   WHERE table_schema = 'ledger' AND table_name = 'account' AND column_name = 'held_minor') THEN
        PERFORM 1 FROM ledger.head FOR UPDATE;  -- whoever writes has it first, and wants the accounts behind it
        ALTER TABLE ledger.account ADD COLUMN held_minor bigint NOT NULL DEFAULT 0,
            ADD CONSTRAINT held_not_negative CHECK (held_minor >= 0) NOT VALID;
    END IF;
END $$;
