-- Proves the books. Run it with read access and plain psql: psql -f proof.sql URL. No row: all is well.
-- Each row is a finding: the invariant that does not hold, the block and account where, and words.
-- The words of transfers are sealed; `python -m holdfast.bank prove` checks them too, with their key, against their hashes.
SELECT 'sums are zero' AS invariant, NULL::bigint AS block, NULL::bigint AS account,
       format('all accounts in %s sum to %s minor units, not to 0', currency, total) AS words
FROM (SELECT currency, sum(CASE WHEN side = 'credit' THEN balance_minor ELSE -balance_minor END) AS total
      FROM ledger.account GROUP BY currency) s WHERE total <> 0
UNION ALL
SELECT 'balances equal their entries', NULL, a.account,
       format('the balance is %s, its entries sum to %s minor units', a.balance_minor, e.total)
FROM ledger.account a
CROSS JOIN LATERAL (SELECT 0) _
LEFT JOIN (SELECT account, sum(v) AS v FROM (SELECT credit AS account, amount_minor AS v FROM ledger.transfer
           UNION ALL SELECT debit, -amount_minor FROM ledger.transfer) l GROUP BY account) s USING (account)
CROSS JOIN LATERAL (SELECT coalesce(CASE WHEN a.side = 'credit' THEN s.v ELSE -s.v END, 0) AS total) e
WHERE a.balance_minor <> e.total
UNION ALL
SELECT 'floors hold or a recorded exception does', NULL, a.account,
       format('the balance %s is below the floor %s, and no entry records an exception', a.balance_minor, a.floor_minor)
FROM ledger.account a WHERE a.balance_minor < a.floor_minor AND NOT EXISTS (
    SELECT 1 FROM ledger.transfer t WHERE t.over_floor AND (t.debit = a.account OR t.credit = a.account))
UNION ALL
SELECT 'blocks have no holes', b.number, NULL, format('block %s follows block %s', b.number, b.before)
FROM (SELECT number, lag(number, 1, 0::bigint) OVER (ORDER BY number) AS before FROM ledger.block) b WHERE b.number <> b.before + 1
UNION ALL
SELECT 'each block names the one before it', b.number, NULL, 'its previous hash is not the hash of the block before it'
FROM (SELECT number, previous, lag(hash, 1, decode(repeat('00', 32), 'hex')) OVER (ORDER BY number) AS before
      FROM ledger.block) b WHERE b.previous <> b.before
UNION ALL
SELECT 'each block has its hash', b.number, NULL, 'its items do not give the hash it states: something in it was changed'
FROM ledger.block b WHERE b.hash <> ledger.block_hash(b.number, b.previous, b.at_us, b.items)
UNION ALL
SELECT 'each block has its items', b.number, NULL, format('it states %s items and has %s', b.items, coalesce(i.n, 0))
FROM ledger.block b LEFT JOIN (SELECT block, count(*) AS n FROM (SELECT block FROM ledger.transfer UNION ALL
      SELECT block FROM ledger.refusal UNION ALL SELECT block FROM ledger.account_change) x GROUP BY block) i
  ON i.block = b.number WHERE b.items <> coalesce(i.n, 0)
UNION ALL
SELECT 'every entry is in a block', x.block, NULL, format('an entry stands in block %s, which does not exist', x.block)
FROM (SELECT block FROM ledger.transfer UNION SELECT block FROM ledger.refusal UNION SELECT block FROM ledger.account_change) x
WHERE NOT EXISTS (SELECT 1 FROM ledger.block b WHERE b.number = x.block)
UNION ALL
SELECT 'sequence numbers have no holes', t.block, NULL, format('transfer %s follows %s', t.seq, t.before)
FROM (SELECT block, seq, lag(seq, 1, 0::bigint) OVER (ORDER BY seq) AS before FROM ledger.transfer) t WHERE t.seq <> t.before + 1
UNION ALL
SELECT 'the head is the last block', h.block, NULL, 'the head does not agree with the last block or the last transfer'
FROM ledger.head h
WHERE (h.block, h.seq) <> (SELECT coalesce(max(number), 0), coalesce((SELECT max(seq) FROM ledger.transfer), 0) FROM ledger.block)
   OR (h.block > 0 AND h.hash <> (SELECT hash FROM ledger.block WHERE number = h.block))
UNION ALL
SELECT 'one currency a transfer', t.block, t.debit, format('transfer %s is in another currency than its accounts', t.id)
FROM ledger.transfer t JOIN ledger.account d ON d.account = t.debit JOIN ledger.account k ON k.account = t.credit
WHERE t.currency <> d.currency OR t.currency <> k.currency
UNION ALL
SELECT 'accounts are as last recorded', c.block, a.account, 'floor, flags, side, currency or cohort differ from the last recorded change'
FROM ledger.account a LEFT JOIN LATERAL (SELECT * FROM ledger.account_change c WHERE c.account = a.account
    ORDER BY c.block DESC, c.item DESC LIMIT 1) c ON true
WHERE c.account IS NULL OR (a.code, a.currency, a.side, a.floor_minor, a.flags, a.cohort)
    IS DISTINCT FROM (c.code, c.currency, c.side, c.floor_minor, c.flags, c.cohort)
ORDER BY 1, 2, 3;
