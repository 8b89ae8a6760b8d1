-- The same invariants for what was booked after block %(since)s, which an earlier whole proof covers. Cheap: only the
-- new blocks are hashed again, and only the accounts that they touch are summed.
WITH fresh AS (SELECT * FROM ledger.block WHERE number > %(since)s),
touched AS (
    SELECT debit AS account FROM ledger.transfer WHERE block > %(since)s
    UNION SELECT credit FROM ledger.transfer WHERE block > %(since)s)
SELECT 'sums are zero' AS invariant, NULL::bigint AS block, NULL::bigint AS account,
       format('all accounts in %%s sum to %%s minor units, not to 0', currency, total) AS words
FROM (SELECT currency, sum(CASE WHEN side = 'credit' THEN balance_minor ELSE -balance_minor END) AS total
      FROM ledger.account GROUP BY currency) s WHERE total <> 0
UNION ALL
SELECT 'balances equal their entries', NULL, a.account, format('the balance is %%s, its entries sum to %%s', a.balance_minor, e.total)
FROM touched JOIN ledger.account a USING (account) CROSS JOIN LATERAL (
    SELECT coalesce((SELECT sum(amount_minor) FROM ledger.transfer WHERE credit = a.account), 0)
         - coalesce((SELECT sum(amount_minor) FROM ledger.transfer WHERE debit = a.account), 0) AS v) s
CROSS JOIN LATERAL (SELECT CASE WHEN a.side = 'credit' THEN s.v ELSE -s.v END AS total) e
WHERE a.balance_minor <> e.total
UNION ALL
SELECT 'floors hold or a recorded exception does', NULL, a.account, 'the balance is below the floor, and no entry records an exception'
FROM touched JOIN ledger.account a USING (account) WHERE a.balance_minor < a.floor_minor AND NOT EXISTS (
    SELECT 1 FROM ledger.transfer t WHERE t.over_floor AND (t.debit = a.account OR t.credit = a.account))
UNION ALL
SELECT 'blocks have no holes', b.number, NULL, format('block %%s follows block %%s', b.number, b.before)
FROM (SELECT number, lag(number, 1, %(since)s::bigint) OVER (ORDER BY number) AS before FROM fresh) b WHERE b.number <> b.before + 1
UNION ALL
SELECT 'each block names the one before it', b.number, NULL, 'its previous hash is not the hash of the block before it'
FROM fresh b LEFT JOIN ledger.block p ON p.number = b.number - 1
WHERE b.previous IS DISTINCT FROM coalesce(p.hash, decode(repeat('00', 32), 'hex'))
UNION ALL
SELECT 'each block has its hash', b.number, NULL, 'its items do not give the hash it states: something in it was changed'
FROM fresh b WHERE b.hash <> ledger.block_hash(b.number, b.previous, b.at_us, b.items)
UNION ALL
SELECT 'the head is the last block', h.block, NULL, 'the head does not agree with the last block or the last transfer'
FROM ledger.head h
WHERE (h.block, h.seq) <> (SELECT coalesce(max(number), 0), coalesce((SELECT max(seq) FROM ledger.transfer), 0) FROM ledger.block)
   OR (h.block > 0 AND h.hash <> (SELECT hash FROM ledger.block WHERE number = h.block))
ORDER BY 1, 2, 3;
