-- The quick way of a batch in which nothing is out of the ordinary: every id new and said once, every epoch the known one,
-- every account there, open, of the currency, and able to cover all its debits of the batch without anybody's credits. Then
-- no order matters, and what is to be done is one INSERT, and one UPDATE of each touched account. Everything else is null
-- and is judged one by one by post_block, which holds the head's lock and calls this. Same checks, asked of the whole at once.
-- Its plans, as post_block's, are made once for any size (force_generic_plan): with the arrays in hand the planner would read
-- whole tables for larger batches.
CREATE OR REPLACE FUNCTION ledger.post_plain(
    h ledger.head, v_closed date,
    p_id uuid[], p_debit bigint[], p_credit bigint[], p_amount bigint[], p_currency text[], p_kind text[],
    p_value_date date[], p_cohort int[], p_epoch bigint[], p_birth bigint[], p_cause text[], p_refuse text[],
    p_source text[], p_journal bigint[], p_over boolean[], p_note_hash bytea[], p_note bytea[]
) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_legs bigint;
    v_bytes bytea;
BEGIN
    IF EXISTS (
            SELECT 1 FROM unnest(p_debit, p_credit, p_value_date, p_refuse, p_over)
                AS n(debit, credit, value_date, refuse, over_floor)
            WHERE n.debit = n.credit OR n.refuse <> '' OR n.over_floor OR n.value_date <= v_closed)
        OR EXISTS (  -- each cohort once: joined to each post the planner, expecting few, would go through all cohorts for each
            SELECT 1 FROM (SELECT cohort, min(epoch) AS least, max(epoch) AS most, max(birth) AS born
                FROM unnest(p_cohort, p_epoch, p_birth, p_source) AS n(cohort, epoch, birth, source)
                WHERE source = 'own' GROUP BY cohort) n
            LEFT JOIN ledger.cohort_row c USING (cohort)
            WHERE (n.least, n.most) IS DISTINCT FROM (c.epoch, c.epoch) OR c.mode <> 'primary' OR n.born > c.epoch)
        OR EXISTS (SELECT 1 FROM ledger.refusal WHERE id = ANY (p_id))
        OR EXISTS (SELECT 1 FROM ledger.pending WHERE id = ANY (p_id))
        OR EXISTS (SELECT 1 FROM ledger.release WHERE id = ANY (p_id))
    THEN
        RETURN NULL;
    END IF;

    -- A subtransaction, undone whole when one account does not take all that is meant for it, or an id is not new. Accounts are
    -- updated in their order, in which neighbours share a page.
    BEGIN
        WITH done AS (
            UPDATE ledger.account a SET balance_minor = a.balance_minor
                    + CASE WHEN a.side = 'credit' THEN s.up - s.down ELSE s.down - s.up END
                FROM (SELECT account, currency, sum(down)::bigint AS down, sum(up)::bigint AS up, count(*) AS legs FROM (
                        SELECT debit AS account, currency, amount AS down, 0::bigint AS up
                            FROM unnest(p_debit, p_currency, p_amount) AS n(debit, currency, amount)
                        UNION ALL
                        SELECT credit, currency, 0, amount
                            FROM unnest(p_credit, p_currency, p_amount) AS n(credit, currency, amount)) l
                      GROUP BY account, currency ORDER BY account) s
                WHERE a.account = s.account AND a.currency = s.currency AND a.flags & 4 = 0
                    AND (s.down = 0 OR a.flags & 1 = 0 AND (a.side = 'debit' OR a.balance_minor - a.held_minor - s.down >= a.floor_minor))
                    AND (s.up = 0 OR a.flags & 2 = 0 AND (a.side = 'credit' OR a.balance_minor - a.held_minor - s.up >= a.floor_minor))
                RETURNING s.legs)
        SELECT coalesce(sum(legs), 0) INTO v_legs FROM done;
        IF v_legs < 2 * cardinality(p_id) THEN
            RAISE SQLSTATE 'HF001';
        END IF;
        WITH fresh AS (
            INSERT INTO ledger.transfer (seq, id, block, item, debit, credit, amount_minor, currency, kind, value_date, cohort,
                    epoch, source, journal_number, cause, over_floor, note_hash)
                SELECT h.seq + n.i, n.id, h.block + 1, n.i, n.debit, n.credit, n.amount, n.currency, n.kind, n.value_date,
                    n.cohort, n.epoch, n.source, n.journal, n.cause, false, n.note_hash
                FROM unnest(p_id, p_debit, p_credit, p_amount, p_currency, p_kind, p_value_date, p_cohort, p_epoch, p_source,
                        p_journal, p_cause, p_note_hash) WITH ORDINALITY
                    AS n(id, debit, credit, amount, currency, kind, value_date, cohort, epoch, source, journal, cause,
                        note_hash, i)
                RETURNING item, ledger.transfer_bytes(transfer) AS b)
        SELECT string_agg(b, ''::bytea ORDER BY item) INTO v_bytes FROM fresh;
    EXCEPTION WHEN SQLSTATE 'HF001' OR unique_violation THEN
        RETURN NULL;
    END;

    INSERT INTO ledger.note (id, sealed)
        SELECT n.id, n.note FROM unnest(p_id, p_note) AS n(id, note) WHERE n.note IS NOT NULL;
    RETURN ledger.append_bytes(h, cardinality(p_id), h.seq + cardinality(p_id), v_bytes);
END $$;
