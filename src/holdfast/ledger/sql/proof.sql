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
UNION ALL
SELECT 'entries name accounts that exist', t.block, x.account, format('transfer %s names account %s, which does not exist', t.id, x.account)
FROM ledger.transfer t CROSS JOIN LATERAL (VALUES (t.debit), (t.credit)) x(account)
WHERE NOT EXISTS (SELECT 1 FROM ledger.account a WHERE a.account = x.account)
UNION ALL
SELECT 'closed days stay closed', t.block, NULL, format('transfer %s has the value date %s, which was closed before', t.id, t.value_date)
FROM ledger.transfer t WHERE t.value_date <= (SELECT max(day) FROM ledger.closing)
    AND EXISTS (SELECT 1 FROM ledger.closing c WHERE c.day >= t.value_date AND t.block > c.head)
UNION ALL
SELECT 'trial balances equal their entries', x.block, NULL,
       format('%s, line %s in %s: %s debited, %s credited, %s in all; the entries say %s, %s, %s', x.day, x.line, x.currency,
              x.debits_minor, x.credits_minor, x.net_minor, x.debits, x.credits, x.net)
FROM (
    WITH closed AS (SELECT day, block, seq, lag(seq, 1, 0::bigint) OVER (ORDER BY day) AS before FROM ledger.closing),
    moved AS (
        SELECT d.day, l.account, l.currency, sum(l.debits) AS debits, sum(l.credits) AS credits
        FROM closed d CROSS JOIN LATERAL (
            SELECT debit AS account, currency, amount_minor AS debits, 0::bigint AS credits FROM ledger.transfer
                WHERE seq > d.before AND seq <= d.seq
            UNION ALL
            SELECT credit, currency, 0, amount_minor FROM ledger.transfer WHERE seq > d.before AND seq <= d.seq) l
        GROUP BY 1, 2, 3),
    made AS (
        SELECT m.day, coalesce(c.line, '2900') AS line, m.currency, sum(m.debits) AS debits, sum(m.credits) AS credits
        FROM moved m JOIN ledger.account a USING (account) LEFT JOIN ledger.chart c ON c.key = ledger.chart_key(a.code, a.side)
        GROUP BY 1, 2, 3),
    lines AS (SELECT line, currency FROM ledger.day_total UNION SELECT line, currency FROM made)
    SELECT d.day, d.block, k.line, k.currency, coalesce(s.debits_minor, 0) AS debits_minor,
           coalesce(s.credits_minor, 0) AS credits_minor, coalesce(s.net_minor, 0) AS net_minor,
           coalesce(m.debits, 0) AS debits, coalesce(m.credits, 0) AS credits,
           sum(coalesce(m.debits, 0) - coalesce(m.credits, 0)) OVER (PARTITION BY k.line, k.currency ORDER BY d.day) AS net
    FROM closed d CROSS JOIN lines k
    LEFT JOIN ledger.day_total s ON (s.day, s.line, s.currency) = (d.day, k.line, k.currency)
    LEFT JOIN made m ON (m.day, m.line, m.currency) = (d.day, k.line, k.currency)
) x WHERE x.debits_minor <> x.debits OR x.credits_minor <> x.credits OR x.net_minor <> x.net
ORDER BY 1, 2, 3;
