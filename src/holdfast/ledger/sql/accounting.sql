-- The chart of accounts, closed days with their trial balances, and how far the books were proved. Run by
-- ledger/schema.py between schema.sql and post_block.sql; safe to run again. See docs/decisions/0018.
CREATE INDEX IF NOT EXISTS block_at ON ledger.block (at_us, number);

-- One line of the chart. key: which accounts belong to it, see chart_key.
CREATE TABLE IF NOT EXISTS ledger.chart (
    line text PRIMARY KEY, key text NOT NULL UNIQUE,
    class text NOT NULL CHECK (class IN ('asset', 'liability', 'equity', 'income', 'expense')),
    name_en text NOT NULL, name_nb text NOT NULL
);
INSERT INTO ledger.chart VALUES
    ('1000', 'own:settlement', 'asset', 'Settlement with other banks', 'Oppgjør med andre banker'),
    ('1100', 'own:position', 'asset', 'Currency positions', 'Valutaposisjoner'),
    ('1200', 'loan', 'asset', 'Loans to customers', 'Utlån til kunder'),
    ('1300', 'own:loans_paid_out', 'asset', 'Loans on their way to an account', 'Lån på vei til en konto'),
    ('1400', 'own:hardship', 'asset', 'Emergency money to customers', 'Nødpenger til kunder'),
    ('2000', 'deposit', 'liability', 'Deposits of customers', 'Innskudd fra kunder'),
    ('2100', 'own:clearing', 'liability', 'Card clearing', 'Kortavregning'),
    ('2200', 'own:suspense', 'liability', 'Suspense: money whose owner is not settled',
        'Mellomregning: penger der eieren ikke er avklart'),
    ('2300', 'own:instalments', 'liability', 'Instalments not divided yet', 'Terminbeløp som ikke er fordelt ennå'),
    ('2900', 'own:', 'liability', 'Other accounts of the bank', 'Andre av bankens kontoer'),
    ('3000', 'own:equity', 'equity', 'Equity', 'Egenkapital'),
    ('4000', 'own:fees', 'income', 'Fees', 'Gebyrer'),
    ('4100', 'own:interest_earned', 'income', 'Interest from customers', 'Renter fra kunder'),
    ('5000', 'own:interest_paid', 'expense', 'Interest to customers', 'Renter til kunder'),
    ('5010', 'own:interest', 'expense', 'Interest to customers in imported records', 'Renter til kunder i overførte registre'),
    ('5100', 'own:loss', 'expense', 'Losses from outages', 'Tap etter driftsavbrudd'),
    ('5200', 'own:compensation', 'expense', 'Compensation', 'Kompensasjon'),
    ('5300', 'own:waived', 'expense', 'Waived fees', 'Ettergitte gebyrer'),
    ('5400', 'own:rounding', 'expense', 'Rounding', 'Avrunding')
ON CONFLICT (line) DO UPDATE SET key = excluded.key, class = excluded.class, name_en = excluded.name_en,
    name_nb = excluded.name_nb;

-- What decides an account's line: the name of one of the bank's own (own:<name>, or own:<name>:<currency>); of customers'
-- accounts, which are sub-ledgers of one line each, whether the bank owes them or is owed.
CREATE OR REPLACE FUNCTION ledger.chart_key(code text, side text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN code LIKE 'own:%' THEN 'own:' || split_part(code, ':', 2) WHEN side = 'credit' THEN 'deposit' ELSE 'loan' END
$$;

-- A closed day. block and seq: the last booked on it, by the bank's clock; head: the end of the books when it was
-- closed. What is booked behind head has a value date after the day.
CREATE TABLE IF NOT EXISTS ledger.closing (
    day date PRIMARY KEY, block bigint NOT NULL, seq bigint NOT NULL, head bigint NOT NULL, at_us bigint NOT NULL,
    closed_by text NOT NULL, approved_by text NOT NULL CHECK (approved_by <> closed_by)
);
-- Its trial balance: what was debited and credited on the day, and debits minus credits of all days to its end.
CREATE TABLE IF NOT EXISTS ledger.day_total (
    day date NOT NULL REFERENCES ledger.closing, line text NOT NULL REFERENCES ledger.chart, currency text NOT NULL,
    debits_minor bigint NOT NULL, credits_minor bigint NOT NULL, net_minor bigint NOT NULL, PRIMARY KEY (day, line, currency)
);
DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['closing', 'day_total'] LOOP
        EXECUTE format('DROP TRIGGER IF EXISTS never_changed ON ledger.%I', t);
        EXECUTE format('CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.%I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION ledger.forbid_change()', t);
    END LOOP;
END $$;

-- One row: how far the worker proved the books, and what it found.
CREATE TABLE IF NOT EXISTS ledger.proved (
    one boolean PRIMARY KEY DEFAULT true CHECK (one), block bigint NOT NULL, at_us bigint NOT NULL, findings int NOT NULL
);

CREATE OR REPLACE FUNCTION ledger.note_proved(p_block bigint, p_findings int) RETURNS void LANGUAGE sql VOLATILE AS $$
    INSERT INTO ledger.proved AS p (block, at_us, findings)
    VALUES (p_block, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, p_findings)
    ON CONFLICT (one) DO UPDATE SET block = excluded.block, at_us = excluded.at_us, findings = excluded.findings
$$;

-- The last closed day, null when none is; asked by post_block under the head's lock.
CREATE OR REPLACE FUNCTION ledger.closed_through() RETURNS date LANGUAGE sql STABLE AS $$ SELECT max(day) FROM ledger.closing $$;

-- Whether a transfer whose value date is closed is booked with the first open day instead of being refused: what the spare
-- bank accepted, what was ordered or used before, what the clearing brings, what a rule charges or gives back.
CREATE OR REPLACE FUNCTION ledger.moves_to_open_day(p_source text, p_cause text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT p_source = 'journal' OR split_part(p_cause, ':', 1) IN ('order', 'file', 'card', 'card-reversal', 'rule', 'loan', 'refund')
$$;

-- Closes the days from the one behind the last closed to p_day, with their trial balances; what is told is compared
-- with nothing here, the proof does. Raises when somebody closed one meanwhile. The caller computed the ends of days
-- long past, whose blocks never change.
CREATE OR REPLACE FUNCTION ledger.close_days(
    p_after date, p_day date[], p_block bigint[], p_seq bigint[], p_by text, p_approved text,
    p_total_day date[], p_line text[], p_currency text[], p_debits bigint[], p_credits bigint[], p_net bigint[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    h ledger.head;
BEGIN
    SELECT * INTO h FROM ledger.head FOR UPDATE;
    IF ledger.closed_through() IS DISTINCT FROM p_after THEN
        RAISE EXCEPTION 'another day was closed meanwhile';
    END IF;
    INSERT INTO ledger.closing (day, block, seq, head, at_us, closed_by, approved_by)
        SELECT d, b, s, h.block, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, p_by, p_approved
        FROM unnest(p_day, p_block, p_seq) AS n(d, b, s);
    INSERT INTO ledger.day_total (day, line, currency, debits_minor, credits_minor, net_minor)
        SELECT * FROM unnest(p_total_day, p_line, p_currency, p_debits, p_credits, p_net);
END $$;
