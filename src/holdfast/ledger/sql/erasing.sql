-- Words of who is no customer any more (erasing.py).
-- name: others
-- Accounts on the other side of what still has words.
SELECT DISTINCT m.other FROM (
    SELECT t.id, t.credit AS other FROM ledger.transfer t WHERE t.debit = %(account)s
    UNION ALL SELECT t.id, t.debit FROM ledger.transfer t WHERE t.credit = %(account)s
    UNION ALL SELECT p.id, p.credit FROM ledger.pending p WHERE p.debit = %(account)s
    UNION ALL SELECT p.id, p.debit FROM ledger.pending p WHERE p.credit = %(account)s) m
JOIN ledger.note n ON n.id = m.id;
-- name: erase
SELECT ledger.erase_words(%(account)s, %(others)s::bigint[], %(most)s);
