-- What the bank's pages and jobs may do (role holdfast_working): all rows of the bank's own tables, and of the books only to read and to
-- call the functions that post. So nothing but those functions ever writes into the books, whoever took a page over.
GRANT USAGE ON SCHEMA bank, ledger TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA bank TO {role};
REVOKE INSERT, UPDATE, DELETE ON bank.django_migrations FROM {role};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA bank TO {role};
REVOKE ALL ON ALL TABLES IN SCHEMA ledger FROM {role};
GRANT SELECT ON ALL TABLES IN SCHEMA ledger TO {role};
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA ledger FROM PUBLIC, {role};
DO $$
DECLARE
    f regprocedure;
BEGIN
    -- What only computes (hashed bytes, proofs) may be called, and what writes as the owner (ledger/sql/definers.sql).
    FOR f IN SELECT p.oid FROM pg_proc p WHERE p.pronamespace = 'ledger'::regnamespace AND (p.provolatile <> 'v' OR p.prosecdef) LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO {role}', f);
    END LOOP;
END $$;
