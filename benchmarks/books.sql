-- What bench-books compares the books with, on the same server: the same table with the same indexes for COPY, and a
-- transfer in a transaction of its own that locks its two accounts' rows, in one call.
CREATE SCHEMA bench;
CREATE TABLE bench.copied (LIKE ledger.transfer INCLUDING ALL);
INSERT INTO bench.copied SELECT * FROM ledger.transfer;

CREATE TABLE bench.account (LIKE ledger.account INCLUDING ALL) WITH (fillfactor = 60);
INSERT INTO bench.account SELECT * FROM ledger.account;
CREATE TABLE bench.transfer (LIKE ledger.transfer INCLUDING ALL);
INSERT INTO bench.transfer SELECT * FROM ledger.transfer;
CREATE SEQUENCE bench.seq CACHE 1;
SELECT setval('bench.seq', (SELECT max(seq) FROM bench.transfer));

CREATE FUNCTION bench.pay(p_id uuid, p_debit bigint, p_credit bigint, p_amount bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    v_room bigint;
BEGIN
    PERFORM 1 FROM bench.account WHERE account IN (p_debit, p_credit) ORDER BY account FOR UPDATE;
    SELECT balance_minor - floor_minor INTO v_room FROM bench.account WHERE account = p_debit;
    IF v_room IS NULL OR v_room < p_amount THEN
        RETURN false;
    END IF;
    INSERT INTO bench.transfer (seq, id, block, item, debit, credit, amount_minor, currency, kind, value_date, cohort,
            epoch, source, journal_number, cause, over_floor, note_hash)
        VALUES (nextval('bench.seq'), p_id, 0, 0, p_debit, p_credit, p_amount, 'NOK', 'payment', '2026-03-01', 0,
            1, 'own', -1, 'bench', false, decode(repeat('00', 32), 'hex'));
    UPDATE bench.account SET balance_minor = balance_minor - p_amount WHERE account = p_debit;
    UPDATE bench.account SET balance_minor = balance_minor + p_amount WHERE account = p_credit;
    RETURN true;
END $$;
ANALYZE bench.copied, bench.account, bench.transfer;
