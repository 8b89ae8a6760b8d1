-- Erases the words of a closed account's transfers and holds, at most p_most: those with the bank's own accounts, and with accounts
-- in p_others. Others' words stay: they explain the entry to whoever is on its other side. Nothing but words goes; what was booked,
-- and the hash of the words in its block, stay. Gives how many went.
CREATE OR REPLACE FUNCTION ledger.erase_words(p_account bigint, p_others bigint[], p_most int) RETURNS int
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    gone int;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM ledger.account a WHERE a.account = p_account AND a.flags & 4 <> 0) THEN
        RAISE EXCEPTION 'account % is not closed, so its words stay', p_account;
    END IF;
    WITH moved AS (
        SELECT t.id, t.credit AS other FROM ledger.transfer t WHERE t.debit = p_account
        UNION ALL SELECT t.id, t.debit FROM ledger.transfer t WHERE t.credit = p_account
        UNION ALL SELECT p.id, p.credit FROM ledger.pending p WHERE p.debit = p_account
        UNION ALL SELECT p.id, p.debit FROM ledger.pending p WHERE p.credit = p_account),
    found AS (
        SELECT n.id FROM moved m JOIN ledger.note n ON n.id = m.id JOIN ledger.account o ON o.account = m.other
        WHERE o.code LIKE 'own:%' OR m.other = ANY (p_others) LIMIT p_most),
    erased AS (DELETE FROM ledger.note n USING found f WHERE n.id = f.id RETURNING n.id)
    SELECT count(*) INTO gone FROM erased;
    RETURN gone;
END $$;
