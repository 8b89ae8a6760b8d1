-- What writes runs as the owner of the books, by these names alone; whoever may call it is another matter (bank/database/rights.sql).
-- In the same transaction that makes the functions anew, so that nobody who posts meanwhile is refused.
DO $$
DECLARE
    f regprocedure;
BEGIN
    FOR f IN SELECT p.oid FROM pg_proc p WHERE p.pronamespace = 'ledger'::regnamespace
            AND p.proname IN ('post_block', 'post_tied', 'expire_pendings', 'change_accounts', 'learn_rows', 'close_days', 'note_proved',
                'erase_words') LOOP
        EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER SET search_path = pg_catalog, pg_temp', f);
    END LOOP;
END $$;
