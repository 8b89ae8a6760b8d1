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
      SELECT block FROM ledger.refusal UNION ALL SELECT block FROM ledger.account_change UNION ALL
      SELECT block FROM ledger.pending UNION ALL SELECT block FROM ledger.release) x GROUP BY block) i
  ON i.block = b.number WHERE b.items <> coalesce(i.n, 0)
UNION ALL
SELECT 'every entry is in a block', x.block, NULL, format('an entry stands in block %s, which does not exist', x.block)
FROM (SELECT block FROM ledger.transfer UNION SELECT block FROM ledger.refusal UNION SELECT block FROM ledger.account_change
      UNION SELECT block FROM ledger.pending UNION SELECT block FROM ledger.release) x
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
FROM ledger.account a LEFT JOIN (SELECT DISTINCT ON (account) * FROM ledger.account_change
    ORDER BY account, block DESC, item DESC) c ON c.account = a.account
WHERE c.account IS NULL OR (a.code, a.currency, a.side, a.floor_minor, a.flags, a.cohort)
    IS DISTINCT FROM (c.code, c.currency, c.side, c.floor_minor, c.flags, c.cohort)
UNION ALL
SELECT 'entries name accounts that exist', t.block, x.account, format('transfer %s names account %s, which does not exist', t.id, x.account)
FROM ledger.transfer t CROSS JOIN LATERAL (VALUES (t.debit), (t.credit)) x(account)
WHERE NOT EXISTS (SELECT 1 FROM ledger.account a WHERE a.account = x.account)
UNION ALL
SELECT 'closed days stay closed', t.block, NULL, format('transfer %s has the value date %s, which was closed before', t.id, t.value_date)
FROM ledger.transfer t WHERE t.value_date <= (SELECT max(day) FROM ledger.closing)  -- heads grow with their days: the first decides
    AND t.block > (SELECT c.head FROM ledger.closing c WHERE c.day >= t.value_date ORDER BY c.day LIMIT 1)
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
UNION ALL
SELECT 'what is held equals the open holds', NULL, a.account, format('held are %s, its open holds sum to %s minor units', a.held_minor, coalesce(s.held, 0))
FROM ledger.account a LEFT JOIN (
    SELECT a.account, sum(p.amount_minor) AS held FROM ledger.pending p
    JOIN ledger.account a ON (a.account, a.side) IN ((p.debit, 'credit'), (p.credit, 'debit'))
    WHERE NOT EXISTS (SELECT 1 FROM ledger.ended e WHERE e.pending = p.id) GROUP BY a.account) s USING (account)
WHERE a.held_minor <> coalesce(s.held, 0)
UNION ALL
SELECT 'the open holds are listed', p.block, p.debit, format('hold %s is listed as open and has ended, or the other way round', p.id)
FROM ledger.pending p LEFT JOIN ledger.ended e ON e.pending = p.id LEFT JOIN ledger.open_pending o ON o.id = p.id
WHERE (e.pending IS NULL) = (o.id IS NULL)
   OR (o.debit, o.credit, o.amount_minor, o.expires_us) <> (p.debit, p.credit, p.amount_minor, p.expires_us)
UNION ALL
SELECT 'a hold ends once', p.block, p.debit, format('hold %s ended %s times in blocks', p.id, n.ends)
FROM ledger.pending p JOIN (SELECT pending, count(*) AS ends FROM (SELECT settles AS pending FROM ledger.tie WHERE settles IS NOT NULL
    UNION ALL SELECT pending FROM ledger.release) x GROUP BY pending) n ON n.pending = p.id WHERE n.ends > 1
UNION ALL
SELECT 'an end is what ended the hold', NULL, NULL, format('hold %s is said to have been ended by %s, which did not', e.pending, e.by)
FROM ledger.ended e WHERE NOT EXISTS (SELECT 1 FROM ledger.tie x WHERE x.id = e.by AND x.settles = e.pending)
    AND NOT EXISTS (SELECT 1 FROM ledger.release v WHERE v.id = e.by AND v.pending = e.pending)
UNION ALL
SELECT 'a hold is posted within its amount', t.block, t.debit, format('transfer %s is not of the hold %s, or larger', t.id, x.settles)
FROM ledger.tie x JOIN ledger.transfer t USING (id) LEFT JOIN ledger.pending p ON p.id = x.settles WHERE x.settles IS NOT NULL
    AND (p.id IS NULL OR (t.debit, t.credit, t.currency, x.released_minor) <> (p.debit, p.credit, p.currency, p.amount_minor)
         OR t.amount_minor > p.amount_minor)
UNION ALL
SELECT 'a hold is released as it was made', v.block, v.debit, format('release %s is not of the hold %s, or before its time', v.id, v.pending)
FROM ledger.release v JOIN ledger.pending p ON p.id = v.pending JOIN ledger.block b ON b.number = v.block
WHERE (v.debit, v.credit, v.amount_minor, v.currency) <> (p.debit, p.credit, p.amount_minor, p.currency)
   OR (v.how = 'expired' AND b.at_us < p.expires_us)
UNION ALL
SELECT 'reversals stay within what they reverse', max(r.block), max(t.debit), format('%s minor units of transfer %s are given back', sum(r.amount_minor), x.reverses)
FROM ledger.tie x JOIN ledger.transfer r USING (id) LEFT JOIN ledger.transfer t ON t.id = x.reverses WHERE x.reverses IS NOT NULL
GROUP BY x.reverses HAVING bool_or(t.id IS NULL OR (t.debit, t.credit, t.currency) <> (r.credit, r.debit, r.currency))
    OR sum(r.amount_minor) > max(t.amount_minor)
UNION ALL
SELECT 'linked groups are whole', max(g.block), NULL, format('the group %s stands in more than one block', g.linked)
FROM (SELECT linked, block FROM ledger.tie UNION ALL SELECT linked, block FROM ledger.pending UNION ALL
      SELECT linked, block FROM ledger.release) g WHERE g.linked IS NOT NULL GROUP BY g.linked HAVING count(DISTINCT g.block) > 1
UNION ALL
SELECT 'ties stand in the block of their transfer', x.block, NULL, format('the tie of transfer %s names another block', x.id)
FROM ledger.tie x LEFT JOIN ledger.transfer t USING (id) WHERE t.block IS DISTINCT FROM x.block
UNION ALL
SELECT 'metadata stands with what carries it', m.block, m.account, format('%s of %s stands there though nothing in the block says so',
       m.name, coalesce('transfer ' || m.id, 'account ' || m.account))
FROM ledger.metadata m WHERE NOT CASE WHEN m.account IS NOT NULL THEN EXISTS (SELECT 1 FROM ledger.account_change c
        WHERE (c.block, c.item, c.account) = (m.block, m.item, m.account) AND c.metadata)
    ELSE EXISTS (SELECT 1 FROM ledger.tie x JOIN ledger.transfer t USING (id)
            WHERE x.id = m.id AND x.metadata AND (t.block, t.item) = (m.block, m.item))
        OR EXISTS (SELECT 1 FROM ledger.pending p WHERE p.id = m.id AND p.metadata AND (p.block, p.item) = (m.block, m.item)) END
ORDER BY 1, 2, 3;
