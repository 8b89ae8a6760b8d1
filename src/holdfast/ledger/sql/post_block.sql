-- The way into the books: judge a batch, insert it, update each touched account once, append the block. Posts that something
-- binds (pending transfers, reversals, linked groups) go through post_tied.sql instead; these pay nothing for them.
-- VOLATILE and READ COMMITTED on purpose: the first statement takes the head row's lock, and only later
-- statements, each with a new snapshot, read balances.
-- Of an earlier version: with other parameters it would stand beside this one.
DO $$
DECLARE f regprocedure;
BEGIN
    FOR f IN SELECT oid::regprocedure FROM pg_proc WHERE proname = 'post_block' AND pronamespace = 'ledger'::regnamespace LOOP
        EXECUTE format('DROP FUNCTION %s', f);
    END LOOP;
END $$;
DROP TYPE IF EXISTS ledger.work CASCADE;
CREATE TYPE ledger.work AS (
    i int, id uuid, debit bigint, credit bigint, amount_minor bigint, currency text, kind text, value_date date,
    cohort int, epoch bigint, birth bigint, cause text, refuse text, rules_version text, source text,
    journal_number bigint, over_floor boolean, note_hash bytea, note bytea,
    result text, reason text
);

CREATE OR REPLACE FUNCTION ledger.post_block(
    p_id uuid[], p_debit bigint[], p_credit bigint[], p_amount bigint[], p_currency text[], p_kind text[],
    p_value_date date[], p_cohort int[], p_epoch bigint[], p_birth bigint[], p_cause text[], p_refuse text[],
    p_rules text[], p_source text[], p_journal bigint[], p_over boolean[], p_note_hash bytea[], p_note bytea[]
) RETURNS TABLE (i int, result text, reason text, block bigint, source text, known_epoch bigint)
LANGUAGE plpgsql VOLATILE SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    h ledger.head;
    w ledger.work[];
    v_doubtful bigint[];
    v_held uuid[];
    v_same bigint[];
    v_balance jsonb;
    v_one ledger.work;
    v_closed date;
    v_debit_side text; v_credit_side text; v_items int; v_transfers int; v_block bigint := 0;
BEGIN
    SELECT * INTO h FROM ledger.head FOR UPDATE;
    v_closed := ledger.closed_through();
    v_block := ledger.post_plain(h, v_closed, p_id, p_debit, p_credit, p_amount, p_currency, p_kind, p_value_date, p_cohort,
        p_epoch, p_birth, p_cause, p_refuse, p_source, p_journal, p_over, p_note_hash, p_note);
    IF v_block IS NOT NULL THEN
        RETURN QUERY SELECT (n.i - 1)::int, 'posted', 'ok', v_block, n.source,
                CASE WHEN n.source = 'own' THEN n.epoch  -- it is the known one
                    ELSE coalesce((SELECT c.epoch FROM ledger.cohort_row c WHERE c.cohort = n.cohort), 0) END
            FROM unnest(p_cohort, p_source, p_epoch) WITH ORDINALITY AS n(cohort, source, epoch, i);
        RETURN;
    END IF;
    v_block := 0;

    -- A higher epoch is stored first; the doors send one only while this bank serves the cohort.
    INSERT INTO ledger.cohort_row AS c (cohort, mode, epoch)
        SELECT n.cohort, 'primary', max(n.epoch) FROM unnest(p_cohort, p_epoch, p_source) AS n(cohort, epoch, source)
        WHERE n.source = 'own' GROUP BY n.cohort
    ON CONFLICT (cohort) DO UPDATE SET mode = 'primary', epoch = excluded.epoch, forced = 0 WHERE excluded.epoch > c.epoch;

    -- Ids of holds and of their ends, hardly ever any. What is held under an id with the same content is what was promised. These
    -- posts carry no metadata, and it is part of the content of what this bank was asked (post_tied.sql).
    SELECT array_agg(k.id) INTO v_held FROM (SELECT p.id FROM ledger.pending p WHERE p.id = ANY (p_id)
        UNION ALL SELECT v.id FROM ledger.release v WHERE v.id = ANY (p_id)) k;
    IF v_held IS NOT NULL THEN
        SELECT array_agg(n.i) INTO v_same FROM unnest(p_id, p_debit, p_credit, p_amount, p_currency, p_source, p_refuse)
                WITH ORDINALITY AS n(id, debit, credit, amount_minor, currency, source, refuse, i)
            JOIN ledger.pending p USING (id, debit, credit, amount_minor, currency)
            WHERE NOT p.metadata OR n.source = 'journal' OR n.refuse <> '';
    END IF;

    -- Fence, repeats, conflicts, requested refusals, accounts: each row gets its first result.
    WITH n AS (
        SELECT * FROM unnest(p_id, p_debit, p_credit, p_amount, p_currency, p_kind, p_value_date, p_cohort, p_epoch,
                p_birth, p_cause, p_refuse, p_rules, p_source, p_journal, p_over, p_note_hash, p_note) WITH ORDINALITY AS n(id, debit, credit, amount_minor, currency, kind, value_date, cohort, epoch,
                birth, cause, refuse, rules_version, source, journal_number, over_floor, note_hash, note, i)
    ), judged AS (
        SELECT n.*, CASE
            WHEN n.source = 'own' AND (n.epoch < c.epoch OR c.mode <> 'primary' OR n.birth > n.epoch) THEN 'stale'
            WHEN t.id IS NOT NULL AND (t.debit, t.credit, t.amount_minor, t.currency)
                = (n.debit, n.credit, n.amount_minor, n.currency) AND (n.source = 'journal' OR n.refuse <> ''
                    OR NOT EXISTS (SELECT 1 FROM ledger.metadata m WHERE m.id = n.id)) THEN 'already_posted'
            WHEN t.id IS NOT NULL THEN 'conflict'
            WHEN n.id = ANY (v_held) THEN CASE WHEN n.i = ANY (v_same) THEN 'already_posted' ELSE 'conflict' END
            WHEN r.id IS NOT NULL AND n.source = 'journal' AND n.refuse = '' THEN NULL  -- an accepted entry is never dropped
            WHEN r.id IS NOT NULL AND (r.debit, r.credit, r.amount_minor, r.currency)
                = (n.debit, n.credit, n.amount_minor, n.currency) THEN 'already_refused'
            WHEN r.id IS NOT NULL THEN 'conflict'
            WHEN row_number() OVER (PARTITION BY n.id ORDER BY n.i) > 1 THEN 'again'
            END AS result,
            CASE
            WHEN n.refuse <> '' THEN n.refuse
            WHEN d.account IS NULL OR k.account IS NULL THEN 'account_unknown'
            WHEN n.debit = n.credit THEN 'same_account'
            WHEN d.currency <> n.currency OR k.currency <> n.currency THEN 'other_currency'
            WHEN (d.flags | k.flags) & 4 <> 0 THEN 'account_closed'
            WHEN d.flags & 1 <> 0 OR k.flags & 2 <> 0 THEN 'account_frozen'
            WHEN n.value_date <= v_closed AND NOT ledger.moves_to_open_day(n.source, n.cause) THEN 'period_closed'
            END AS reason
        FROM n
        LEFT JOIN ledger.cohort_row c ON c.cohort = n.cohort
        LEFT JOIN ledger.transfer t ON t.id = n.id
        LEFT JOIN ledger.refusal r ON r.id = n.id
        LEFT JOIN ledger.account d ON d.account = n.debit
        LEFT JOIN ledger.account k ON k.account = n.credit
    )
    SELECT array_agg(ROW(j.i, j.id, j.debit, j.credit, j.amount_minor, j.currency, j.kind,
            greatest(j.value_date, v_closed + 1), j.cohort,
            j.epoch, j.birth, j.cause, j.refuse, j.rules_version, j.source, j.journal_number, j.over_floor, j.note_hash,
            j.note,
            coalesce(j.result, CASE WHEN j.reason IS NULL THEN 'posted' ELSE 'refused' END),
            j.reason)::ledger.work ORDER BY j.i)
        INTO w FROM judged j;

    -- Accounts that the batch's decreases, those below the floor among them, could bring below their floor; all others need no order.
    WITH leg AS (
        SELECT x.debit AS account, x.amount_minor FROM unnest(w) x JOIN ledger.account a ON a.account = x.debit
            WHERE x.result = 'posted' AND a.side = 'credit'
        UNION ALL
        SELECT x.credit, x.amount_minor FROM unnest(w) x JOIN ledger.account a ON a.account = x.credit
            WHERE x.result = 'posted' AND a.side = 'debit')
    SELECT array_agg(a.account), jsonb_object_agg(a.account::text, a.balance_minor - a.floor_minor - a.held_minor)
        INTO v_doubtful, v_balance
        FROM (SELECT account, sum(amount_minor) AS down FROM leg GROUP BY account) s
        JOIN ledger.account a USING (account) WHERE a.balance_minor - a.held_minor - s.down < a.floor_minor;

    IF v_doubtful IS NOT NULL THEN
        FOR v_one IN SELECT x.* FROM unnest(w) x WHERE x.result = 'posted'
                AND (x.debit = ANY (v_doubtful) OR x.credit = ANY (v_doubtful)) ORDER BY x.i LOOP
            SELECT a.side INTO v_debit_side FROM ledger.account a WHERE a.account = v_one.debit;
            SELECT a.side INTO v_credit_side FROM ledger.account a WHERE a.account = v_one.credit;
            IF NOT v_one.over_floor AND (
                (v_debit_side = 'credit' AND v_balance ? v_one.debit::text
                    AND (v_balance ->> v_one.debit::text)::bigint < v_one.amount_minor)
                OR (v_credit_side = 'debit' AND v_balance ? v_one.credit::text
                    AND (v_balance ->> v_one.credit::text)::bigint < v_one.amount_minor))
            THEN
                w[v_one.i].result := 'refused';
                w[v_one.i].reason := 'not_enough_money';
                CONTINUE;
            END IF;
            IF v_balance ? v_one.debit::text THEN
                v_balance := jsonb_set(v_balance, ARRAY[v_one.debit::text], to_jsonb((v_balance ->> v_one.debit::text)::bigint
                    + CASE WHEN v_debit_side = 'credit' THEN -v_one.amount_minor ELSE v_one.amount_minor END));
            END IF;
            IF v_balance ? v_one.credit::text THEN
                v_balance := jsonb_set(v_balance, ARRAY[v_one.credit::text], to_jsonb((v_balance ->> v_one.credit::text)::bigint
                    + CASE WHEN v_credit_side = 'credit' THEN v_one.amount_minor ELSE -v_one.amount_minor END));
            END IF;
        END LOOP;
    END IF;

    -- An accept of the journal that lacks cover is not refused here: the caller decides (forced or suspended).
    SELECT count(*) FILTER (WHERE x.result = 'posted'),
           count(*) FILTER (WHERE x.result = 'posted' OR x.result = 'refused' AND (x.source = 'own' OR x.refuse <> ''))
        INTO v_transfers, v_items FROM unnest(w) x;

    IF v_items > 0 THEN
        INSERT INTO ledger.transfer
            SELECT h.seq + row_number() OVER (ORDER BY x.i), x.id, h.block + 1, x.i, x.debit, x.credit, x.amount_minor,
                x.currency, x.kind, x.value_date, x.cohort, x.epoch, x.source, x.journal_number, x.cause, x.over_floor,
                x.note_hash
            FROM unnest(w) x WHERE x.result = 'posted';
        INSERT INTO ledger.note SELECT x.id, x.note FROM unnest(w) x WHERE x.result = 'posted' AND x.note IS NOT NULL;
        UPDATE ledger.account a SET balance_minor = a.balance_minor
                + CASE WHEN a.side = 'credit' THEN s.credits - s.debits ELSE s.debits - s.credits END
            FROM (SELECT account, sum(down) AS debits, sum(up) AS credits FROM (
                    SELECT x.debit AS account, x.amount_minor AS down, 0::bigint AS up FROM unnest(w) x WHERE x.result = 'posted'
                    UNION ALL SELECT x.credit, 0, x.amount_minor FROM unnest(w) x WHERE x.result = 'posted') l
                  GROUP BY account) s
            WHERE a.account = s.account;
        INSERT INTO ledger.refusal
            SELECT x.id, h.block + 1, x.i, x.debit, x.credit, x.amount_minor, x.currency, x.kind, x.reason, x.rules_version,
                x.cohort, x.epoch, x.source, x.journal_number
            FROM unnest(w) x WHERE x.result = 'refused' AND (x.source = 'own' OR x.refuse <> '');
        v_block := ledger.append_block(h, v_items, h.seq + v_transfers);
    END IF;

    RETURN QUERY
        SELECT x.i - 1,
            CASE WHEN x.result <> 'again' THEN x.result
                 WHEN t.id IS NOT NULL AND (t.debit, t.credit, t.amount_minor, t.currency)
                    = (x.debit, x.credit, x.amount_minor, x.currency) THEN 'already_posted'
                 WHEN t.id IS NULL AND (r.debit, r.credit, r.amount_minor, r.currency)
                    = (x.debit, x.credit, x.amount_minor, x.currency) THEN 'already_refused'
                 ELSE 'conflict' END,
            coalesce(CASE WHEN x.result = 'conflict' THEN 'other_content'
                          WHEN x.result IN ('already_refused', 'again') THEN r.reason
                          WHEN x.result = 'refused' THEN x.reason END, 'ok'),
            coalesce(t.block, r.block, (SELECT p.block FROM ledger.pending p WHERE p.id = x.id), 0)::bigint,
            coalesce(t.source, r.source, (SELECT p.source FROM ledger.pending p WHERE p.id = x.id), x.source),
            coalesce(c.epoch, 0)::bigint
        FROM unnest(w) x
        LEFT JOIN ledger.transfer t ON t.id = x.id
        LEFT JOIN ledger.refusal r ON r.id = x.id
        LEFT JOIN ledger.cohort_row c ON c.cohort = x.cohort
        ORDER BY x.i;
END $$;
