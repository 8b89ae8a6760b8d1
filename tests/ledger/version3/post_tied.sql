-- The way into the books for posts that something binds: pending transfers, what posts or voids them, reversals, linked groups
-- (and whatever stands beside them in one call). Under the head's lock as post_block is, but row by row in exact order, each
-- judged against the tables as the rows before it left them; a linked group is booked in a subtransaction, so that it stands
-- or falls together.
DROP TYPE IF EXISTS ledger.tied CASCADE;
CREATE TYPE ledger.tied AS (
    i int, id uuid, debit bigint, credit bigint, amount_minor bigint, currency text, kind text, value_date date,
    cohort int, epoch bigint, birth bigint, cause text, refuse text, rules_version text, source text,
    journal_number bigint, over_floor boolean, note_hash bytea, note bytea,
    action text, settles uuid, reverses uuid, linked uuid, expires_us bigint
);

-- What the books say of an id already: already_posted, already_refused, conflict, stale; NULL when it is to be judged. Held is as
-- good as booked here: whoever asks again, perhaps by the spare bank's journal, was promised the money once.
CREATE OR REPLACE FUNCTION ledger.recorded_before(one ledger.tied) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    c ledger.cohort_row;
    v_content record;
BEGIN
    SELECT * INTO c FROM ledger.cohort_row WHERE cohort = one.cohort;
    IF one.source = 'own' AND (one.epoch < c.epoch OR c.mode <> 'primary' OR one.birth > one.epoch) THEN
        RETURN 'stale';
    END IF;
    SELECT debit, credit, amount_minor, currency, kept.action INTO v_content FROM (
        SELECT t.debit, t.credit, t.amount_minor, t.currency, 'moved' AS action FROM ledger.transfer t WHERE t.id = one.id
        UNION ALL
        SELECT p.debit, p.credit, p.amount_minor, p.currency, 'moved' FROM ledger.pending p WHERE p.id = one.id
        UNION ALL
        SELECT v.debit, v.credit, v.amount_minor, v.currency, 'void' FROM ledger.release v WHERE v.id = one.id
    ) kept LIMIT 1;
    IF FOUND THEN
        RETURN CASE WHEN (v_content.debit, v_content.credit, v_content.amount_minor, v_content.currency)
            = (one.debit, one.credit, one.amount_minor, one.currency)
            AND (v_content.action = 'void') = (one.action = 'void') THEN 'already_posted' ELSE 'conflict' END;
    END IF;
    IF one.source = 'journal' AND one.refuse = '' THEN
        RETURN NULL;  -- an accepted entry is never dropped
    END IF;
    SELECT debit, credit, amount_minor, currency INTO v_content FROM ledger.refusal r WHERE r.id = one.id;
    IF FOUND THEN
        RETURN CASE WHEN (v_content.debit, v_content.credit, v_content.amount_minor, v_content.currency)
            = (one.debit, one.credit, one.amount_minor, one.currency) THEN 'already_refused' ELSE 'conflict' END;
    END IF;
    RETURN NULL;
END $$;

-- Why a hold cannot be posted or voided by this; NULL when it can. The spare bank's journal may end one whose time has passed
-- meanwhile, as long as it was not released: it stood when the spare bank was asked.
CREATE OR REPLACE FUNCTION ledger.hold_objection(one ledger.tied, now_us bigint) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    p ledger.pending;
    v_how text;
BEGIN
    SELECT * INTO p FROM ledger.pending WHERE id = one.settles;
    IF NOT FOUND THEN
        RETURN 'hold_unknown';
    END IF;
    IF EXISTS (SELECT 1 FROM ledger.ended WHERE pending = one.settles) THEN
        SELECT v.how INTO v_how FROM ledger.release v WHERE v.pending = one.settles;
        RETURN CASE v_how WHEN 'expired' THEN 'hold_expired' ELSE 'hold_ended' END;
    END IF;
    IF one.source = 'own' AND p.expires_us <= now_us THEN
        RETURN 'hold_expired';
    END IF;
    IF (p.debit, p.credit, p.currency) <> (one.debit, one.credit, one.currency) OR one.amount_minor > p.amount_minor
            OR (one.action = 'void' AND one.amount_minor <> p.amount_minor) THEN
        RETURN 'hold_differs';
    END IF;
    RETURN NULL;
END $$;

-- Why this is not the reversal of a transfer, or of more than is left of it; NULL when it is.
CREATE OR REPLACE FUNCTION ledger.reversal_objection(one ledger.tied) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    t ledger.transfer;
    v_given_back bigint;
BEGIN
    SELECT * INTO t FROM ledger.transfer WHERE id = one.reverses;
    IF NOT FOUND OR (t.debit, t.credit, t.currency) <> (one.credit, one.debit, one.currency) THEN
        RETURN 'reversed_unknown';
    END IF;
    SELECT coalesce(sum(r.amount_minor), 0) INTO v_given_back
        FROM ledger.tie x JOIN ledger.transfer r USING (id) WHERE x.reverses = one.reverses;
    RETURN CASE WHEN v_given_back + one.amount_minor > t.amount_minor THEN 'reversed_already' END;
END $$;

-- Why it cannot be booked as the tables are now; NULL when it can. What posts a hold needs no cover, which is what the hold was
-- for, and passes an account that was frozen since.
CREATE OR REPLACE FUNCTION ledger.tied_objection(one ledger.tied, now_us bigint) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    d ledger.account;
    k ledger.account;
    v_against text;
BEGIN
    IF one.refuse <> '' THEN
        RETURN one.refuse;
    END IF;
    SELECT * INTO d FROM ledger.account WHERE account = one.debit;
    SELECT * INTO k FROM ledger.account WHERE account = one.credit;
    v_against := CASE
        WHEN d.account IS NULL OR k.account IS NULL THEN 'account_unknown'
        WHEN one.debit = one.credit THEN 'same_account'
        WHEN d.currency <> one.currency OR k.currency <> one.currency THEN 'other_currency'
        WHEN (d.flags | k.flags) & 4 <> 0 AND one.action <> 'void' THEN 'account_closed'
        WHEN one.settles IS NOT NULL THEN ledger.hold_objection(one, now_us)
        WHEN d.flags & 1 <> 0 OR k.flags & 2 <> 0 THEN 'account_frozen'
        WHEN one.action = 'pending' AND one.expires_us <= now_us THEN 'hold_expired'
        WHEN one.reverses IS NOT NULL THEN ledger.reversal_objection(one) END;
    IF v_against IS NOT NULL OR one.settles IS NOT NULL OR one.over_floor THEN
        RETURN v_against;
    END IF;
    IF (d.side = 'credit' AND d.balance_minor - d.held_minor - one.amount_minor < d.floor_minor)
            OR (k.side = 'debit' AND k.balance_minor - k.held_minor - one.amount_minor < k.floor_minor) THEN
        RETURN 'not_enough_money';
    END IF;
    RETURN NULL;
END $$;

-- Books one that was judged, as part of block p_block; p_seq: its sequence number if it is a transfer. A hold that is posted
-- although the account is then below its floor (the floor was raised since, or the bank carried a risk) records the exception.
CREATE OR REPLACE FUNCTION ledger.book_tied(one ledger.tied, p_block bigint, p_seq bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_moved bigint := CASE one.action WHEN 'transfer' THEN one.amount_minor ELSE 0 END;
    v_held bigint := CASE one.action WHEN 'pending' THEN one.amount_minor ELSE 0 END;
    v_below boolean;
BEGIN
    IF one.settles IS NOT NULL THEN
        DELETE FROM ledger.open_pending WHERE id = one.settles RETURNING -amount_minor INTO STRICT v_held;
    END IF;
    -- The account whose balance a transfer lowers: what is debited of normal side credit, what is credited of side debit.
    WITH moved AS (
        UPDATE ledger.account a SET
            balance_minor = a.balance_minor + CASE WHEN (a.account = one.debit) = (a.side = 'debit') THEN v_moved ELSE -v_moved END,
            held_minor = a.held_minor + CASE WHEN (a.account = one.debit) = (a.side = 'debit') THEN 0 ELSE v_held END
        WHERE a.account IN (one.debit, one.credit) RETURNING a.balance_minor < a.floor_minor AS below,
            (a.account = one.debit) <> (a.side = 'debit') AS lowered)
    SELECT coalesce(bool_or(below AND lowered), false) INTO v_below FROM moved;

    IF one.action = 'transfer' THEN
        INSERT INTO ledger.transfer VALUES (p_seq, one.id, p_block, one.i, one.debit, one.credit, one.amount_minor, one.currency,
            one.kind, one.value_date, one.cohort, one.epoch, one.source, one.journal_number, one.cause,
            one.over_floor OR (one.settles IS NOT NULL AND v_below), one.note_hash);
        INSERT INTO ledger.tie SELECT one.id, p_block, one.settles, -v_held, one.reverses, one.linked
            WHERE coalesce(one.settles, one.reverses, one.linked) IS NOT NULL;
    ELSIF one.action = 'pending' THEN
        INSERT INTO ledger.pending VALUES (one.id, p_block, one.i, one.debit, one.credit, one.amount_minor, one.currency,
            one.kind, one.value_date, one.cohort, one.epoch, one.source, one.journal_number, one.cause, one.expires_us,
            one.linked, one.note_hash);
        INSERT INTO ledger.open_pending VALUES (one.id, one.debit, one.credit, one.amount_minor, one.expires_us);
    ELSE
        INSERT INTO ledger.release VALUES (one.id, p_block, one.i, one.settles, 'voided', one.debit, one.credit,
            one.amount_minor, one.currency, one.cohort, one.epoch, one.cause, one.linked);
    END IF;
    IF one.settles IS NOT NULL THEN
        INSERT INTO ledger.ended VALUES (one.settles, one.id);
    END IF;
    IF one.note IS NOT NULL AND one.action <> 'void' THEN
        INSERT INTO ledger.note VALUES (one.id, one.note);
    END IF;
END $$;

CREATE OR REPLACE FUNCTION ledger.refuse_tied(one ledger.tied, p_block bigint, p_reason text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO ledger.refusal VALUES (one.id, p_block, one.i, one.debit, one.credit, one.amount_minor, one.currency, one.kind,
        p_reason, one.rules_version, one.cohort, one.epoch, one.source, one.journal_number)
$$;

-- Whether a group of this name stands in the books already: nothing is added to it afterwards.
CREATE OR REPLACE FUNCTION ledger.group_known(p_linked uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT 1 FROM ledger.tie WHERE linked = p_linked)
        OR EXISTS (SELECT 1 FROM ledger.pending WHERE linked = p_linked)
        OR EXISTS (SELECT 1 FROM ledger.release WHERE linked = p_linked)
$$;

-- The old one may have had other parameters.
DO $$
DECLARE f regprocedure;
BEGIN
    FOR f IN SELECT oid::regprocedure FROM pg_proc WHERE proname = 'post_tied' AND pronamespace = 'ledger'::regnamespace LOOP
        EXECUTE format('DROP FUNCTION %s', f);
    END LOOP;
END $$;
CREATE FUNCTION ledger.post_tied(
    p_id uuid[], p_debit bigint[], p_credit bigint[], p_amount bigint[], p_currency text[], p_kind text[],
    p_value_date date[], p_cohort int[], p_epoch bigint[], p_birth bigint[], p_cause text[], p_refuse text[],
    p_rules text[], p_source text[], p_journal bigint[], p_over boolean[], p_note_hash bytea[], p_note bytea[],
    p_action text[], p_settles uuid[], p_reverses uuid[], p_linked uuid[], p_expires bigint[]
) RETURNS TABLE (i int, result text, reason text, block bigint, source text, known_epoch bigint)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    h ledger.head;
    v_group ledger.tied[];
    one ledger.tied;
    v_result text[]; v_reason text[];
    v_known text[];
    v_closed date; v_against text; v_at int; v_now bigint; v_seq bigint; v_seq_before bigint; v_items int := 0;
BEGIN
    SELECT * INTO h FROM ledger.head FOR UPDATE;
    v_closed := ledger.closed_through();
    v_now := greatest((extract(epoch FROM clock_timestamp()) * 1000000)::bigint, h.at_us);
    v_seq := h.seq;
    v_result := array_fill(NULL::text, ARRAY[cardinality(p_id)]);
    v_reason := v_result;
    INSERT INTO ledger.cohort_row AS c (cohort, mode, epoch)
        SELECT n.cohort, 'primary', max(n.epoch) FROM unnest(p_cohort, p_epoch, p_source) AS n(cohort, epoch, source)
        WHERE n.source = 'own' GROUP BY n.cohort
    ON CONFLICT (cohort) DO UPDATE SET mode = 'primary', epoch = excluded.epoch, forced = 0 WHERE excluded.epoch > c.epoch;

    FOR v_group IN
        SELECT array_agg(ROW(n.*)::ledger.tied ORDER BY n.i) FROM (
            SELECT u.i::int AS i, id, debit, credit, amount_minor, currency, kind, value_date, cohort, epoch, birth, cause, refuse,
                rules_version, source, journal_number, over_floor, note_hash, note, action, settles, reverses, linked, expires_us
            FROM unnest(p_id, p_debit, p_credit, p_amount, p_currency, p_kind, p_value_date, p_cohort, p_epoch, p_birth, p_cause,
                p_refuse, p_rules, p_source, p_journal, p_over, p_note_hash, p_note, p_action, p_settles, p_reverses, p_linked,
                p_expires) WITH ORDINALITY AS u(id, debit, credit, amount_minor, currency, kind, value_date, cohort, epoch, birth,
                cause, refuse, rules_version, source, journal_number, over_floor, note_hash, note, action, settles, reverses, linked,
                expires_us, i)) n
        GROUP BY coalesce(n.linked::text, n.i::text) ORDER BY min(n.i)
    LOOP
        v_known := ARRAY(SELECT ledger.recorded_before(g) FROM unnest(v_group) g ORDER BY g.i);
        v_against := NULL;
        v_at := 0;
        v_seq_before := v_seq;
        IF 'stale' = ANY (v_known) THEN
            v_against := 'stale';
        ELSIF v_group[1].linked IS NOT NULL AND (array_remove(v_known, NULL) <> '{}' OR ledger.group_known(v_group[1].linked)) THEN
            v_against := 'linked_refused';
        ELSIF v_known[1] IS NULL THEN
            BEGIN
                FOREACH one IN ARRAY v_group LOOP
                    v_at := v_at + 1;
                    IF one.settles IS NOT NULL OR ledger.moves_to_open_day(one.source, one.cause) THEN
                        one.value_date := greatest(one.value_date, v_closed + 1);
                    END IF;
                    v_against := coalesce(ledger.tied_objection(one, v_now),
                        CASE WHEN one.value_date <= v_closed THEN 'period_closed' END);
                    IF v_against IS NOT NULL THEN
                        RAISE EXCEPTION USING ERRCODE = 'HF001';
                    END IF;
                    IF one.action = 'transfer' THEN
                        v_seq := v_seq + 1;
                    END IF;
                    PERFORM ledger.book_tied(one, h.block + 1, v_seq);
                END LOOP;
            EXCEPTION WHEN SQLSTATE 'HF001' THEN
                v_seq := v_seq_before;
            END;
        END IF;
        FOR n IN 1 .. cardinality(v_group) LOOP
            one := v_group[n];
            IF v_known[n] IS NOT NULL THEN
                v_result[one.i] := v_known[n];
            ELSIF v_against IS NULL THEN
                v_result[one.i] := 'posted';
                v_items := v_items + 1;
            ELSIF v_against = 'stale' THEN
                v_result[one.i] := 'stale';
            ELSE
                v_result[one.i] := 'refused';
                v_reason[one.i] := CASE WHEN v_at IN (0, n) THEN v_against ELSE 'linked_refused' END;
                IF one.source = 'own' OR one.refuse <> '' THEN
                    PERFORM ledger.refuse_tied(one, h.block + 1, v_reason[one.i]);
                    v_items := v_items + 1;
                END IF;
            END IF;
        END LOOP;
    END LOOP;

    IF v_items > 0 THEN
        PERFORM ledger.append_block(h, v_items, v_seq);
    END IF;

    RETURN QUERY
        SELECT (n.i - 1)::int, n.result,
            coalesce(CASE WHEN n.result = 'conflict' THEN 'other_content'
                          WHEN n.result = 'already_refused' THEN r.reason
                          WHEN n.result = 'refused' THEN n.reason END, 'ok'),
            coalesce(t.block, p.block, v.block, r.block, 0)::bigint,
            coalesce(t.source, p.source, r.source, n.source),
            coalesce(c.epoch, 0)::bigint
        FROM unnest(p_id, p_cohort, p_source, v_result, v_reason)
            WITH ORDINALITY AS n(id, cohort, source, result, reason, i)
        LEFT JOIN ledger.transfer t ON t.id = n.id
        LEFT JOIN ledger.pending p ON p.id = n.id
        LEFT JOIN ledger.release v ON v.id = n.id
        LEFT JOIN ledger.refusal r ON r.id = n.id
        LEFT JOIN ledger.cohort_row c ON c.cohort = n.cohort
        ORDER BY n.i;
END $$;

-- Releases holds whose time has passed, at most p_limit and the oldest first, as one block; how many, and the block (0: none).
-- Those of cohorts that another bank serves wait until they are back: it may be settling them, and holding on harms nobody.
CREATE OR REPLACE FUNCTION ledger.expire_pendings(p_limit int) RETURNS TABLE (expired int, block bigint)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    h ledger.head;
    v_now bigint := (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;
    v_items int;
BEGIN
    expired := 0;
    block := 0;
    IF NOT EXISTS (SELECT 1 FROM ledger.open_pending WHERE expires_us <= v_now) THEN
        RETURN NEXT;
        RETURN;
    END IF;
    SELECT * INTO h FROM ledger.head FOR UPDATE;
    INSERT INTO ledger.release
        SELECT encode(substring(sha256('\x65787069726564'::bytea || uuid_send(p.id)) FROM 1 FOR 16), 'hex')::uuid, h.block + 1,
            row_number() OVER (ORDER BY p.expires_us, p.id), p.id, 'expired', p.debit, p.credit, p.amount_minor, p.currency,
            p.cohort, coalesce(c.epoch, p.epoch), p.cause, NULL
        FROM ledger.open_pending o JOIN ledger.pending p USING (id) LEFT JOIN ledger.cohort_row c ON c.cohort = p.cohort
        WHERE o.expires_us <= v_now AND coalesce(c.mode, 'primary') = 'primary' ORDER BY p.expires_us, p.id LIMIT p_limit;
    GET DIAGNOSTICS v_items = ROW_COUNT;
    IF v_items > 0 THEN
        INSERT INTO ledger.ended SELECT v.pending, v.id FROM ledger.release v WHERE v.block = h.block + 1;
        DELETE FROM ledger.open_pending o USING ledger.release v WHERE v.block = h.block + 1 AND o.id = v.pending;
        UPDATE ledger.account a SET held_minor = a.held_minor - s.amount_minor
            FROM (SELECT account, sum(amount_minor) AS amount_minor FROM (
                    SELECT v.debit AS account, v.amount_minor FROM ledger.release v JOIN ledger.account d ON d.account = v.debit
                        WHERE v.block = h.block + 1 AND d.side = 'credit'
                    UNION ALL SELECT v.credit, v.amount_minor FROM ledger.release v JOIN ledger.account k ON k.account = v.credit
                        WHERE v.block = h.block + 1 AND k.side = 'debit') l GROUP BY account) s
            WHERE a.account = s.account;
        expired := v_items;
        block := ledger.append_block(h, v_items, h.seq);
    END IF;
    RETURN NEXT;
END $$;
