-- The invariants of proof.sql for what was booked after a block that an earlier proof covers, and up to another if one is
-- named. Cheap: only the new blocks are hashed again, and only the accounts that they touch are summed. With plain psql:
--   psql -c "SET holdfast.since = 1200" -f proof_since.sql URL         (and SET holdfast.upto = 1300)
WITH span AS (SELECT current_setting('holdfast.since')::bigint AS since,
    coalesce(nullif(current_setting('holdfast.upto', true), '')::bigint, (SELECT block FROM ledger.head)) AS upto),
fresh AS (SELECT b.* FROM ledger.block b WHERE number > (SELECT since FROM span) AND number <= (SELECT upto FROM span)),
fresh_transfer AS MATERIALIZED (
    SELECT t.* FROM ledger.transfer t WHERE block > (SELECT since FROM span) AND block <= (SELECT upto FROM span)),
touched AS (
    SELECT debit AS account FROM fresh_transfer UNION SELECT credit FROM fresh_transfer
    UNION SELECT unnest(ARRAY[debit, credit]) FROM ledger.pending WHERE block > (SELECT since FROM span)
    UNION SELECT unnest(ARRAY[debit, credit]) FROM ledger.release WHERE block > (SELECT since FROM span))
SELECT 'sums are zero' AS invariant, NULL::bigint AS block, NULL::bigint AS account,
       format('all accounts in %s sum to %s minor units, not to 0', currency, total) AS words
FROM (SELECT currency, sum(CASE WHEN side = 'credit' THEN balance_minor ELSE -balance_minor END) AS total
      FROM ledger.account GROUP BY currency) s WHERE total <> 0
UNION ALL
SELECT 'balances equal their entries', NULL, a.account, format('the balance is %s, its entries sum to %s minor units', a.balance_minor, e.total)
FROM touched JOIN ledger.account a USING (account) CROSS JOIN LATERAL (
    SELECT coalesce((SELECT sum(amount_minor) FROM ledger.transfer WHERE credit = a.account), 0)
         - coalesce((SELECT sum(amount_minor) FROM ledger.transfer WHERE debit = a.account), 0) AS v) s
CROSS JOIN LATERAL (SELECT CASE WHEN a.side = 'credit' THEN s.v ELSE -s.v END AS total) e
WHERE a.balance_minor <> e.total
UNION ALL
SELECT 'floors hold or a recorded exception does', NULL, a.account,
       format('the balance %s is below the floor %s, and no entry records an exception', a.balance_minor, a.floor_minor)
FROM touched JOIN ledger.account a USING (account) WHERE a.balance_minor < a.floor_minor AND NOT EXISTS (
    SELECT 1 FROM ledger.transfer t WHERE t.over_floor AND (t.debit = a.account OR t.credit = a.account))
UNION ALL
SELECT 'blocks have no holes', b.number, NULL, format('block %s follows block %s', b.number, b.before)
FROM (SELECT number, lag(number, 1, (SELECT since FROM span)) OVER (ORDER BY number) AS before FROM fresh) b
WHERE b.number <> b.before + 1
UNION ALL
SELECT 'each block names the one before it', b.number, NULL, 'its previous hash is not the hash of the block before it'
FROM fresh b LEFT JOIN ledger.block p ON p.number = b.number - 1
WHERE b.previous IS DISTINCT FROM coalesce(p.hash, decode(repeat('00', 32), 'hex'))
UNION ALL
SELECT 'each block has its hash', b.number, NULL, 'its items do not give the hash it states: something in it was changed'
FROM fresh b WHERE b.hash <> ledger.block_hash(b.number, b.previous, b.at_us, b.items)
UNION ALL
SELECT 'sequence numbers have no holes', t.block, NULL, format('transfer %s follows %s', t.seq, t.before)
FROM (SELECT block, seq, lag(seq, 1, seq - 1) OVER (ORDER BY seq) AS before FROM fresh_transfer) t WHERE t.seq <> t.before + 1
UNION ALL
SELECT 'entries name accounts that exist', t.block, x.account, format('transfer %s names account %s, which does not exist', t.id, x.account)
FROM fresh_transfer t CROSS JOIN LATERAL (VALUES (t.debit), (t.credit)) x(account)
WHERE NOT EXISTS (SELECT 1 FROM ledger.account a WHERE a.account = x.account)
UNION ALL
SELECT 'closed days stay closed', t.block, NULL, format('transfer %s has the value date %s, which was closed before', t.id, t.value_date)
FROM fresh_transfer t WHERE t.block > (SELECT c.head FROM ledger.closing c WHERE c.day >= t.value_date ORDER BY c.day LIMIT 1)
UNION ALL
SELECT 'the head is the last block', h.block, NULL, 'the head does not agree with the last block or the last transfer'
FROM ledger.head h
WHERE (h.block, h.seq) <> (SELECT coalesce(max(number), 0), coalesce((SELECT max(seq) FROM ledger.transfer), 0) FROM ledger.block)
   OR (h.block > 0 AND h.hash <> (SELECT hash FROM ledger.block WHERE number = h.block))
UNION ALL
SELECT 'what is held equals the open holds', NULL, a.account, format('held are %s, its open holds sum to %s minor units', a.held_minor, s.held)
FROM touched JOIN ledger.account a USING (account) CROSS JOIN LATERAL (
    SELECT coalesce(sum(o.amount_minor), 0) AS held FROM ledger.open_pending o
    WHERE (a.side = 'credit' AND o.debit = a.account) OR (a.side = 'debit' AND o.credit = a.account)) s
WHERE a.held_minor <> s.held
UNION ALL
SELECT 'the open holds are listed', p.block, p.debit, format('hold %s is listed as open and has ended, or the other way round', p.id)
FROM (SELECT id AS pending FROM ledger.pending WHERE block > (SELECT since FROM span) UNION SELECT settles FROM ledger.tie WHERE block > (SELECT since FROM span) AND settles IS NOT NULL
      UNION SELECT pending FROM ledger.release WHERE block > (SELECT since FROM span)) n
JOIN ledger.pending p ON p.id = n.pending LEFT JOIN ledger.ended e ON e.pending = p.id LEFT JOIN ledger.open_pending o ON o.id = p.id
WHERE (e.pending IS NULL) = (o.id IS NULL)
UNION ALL
SELECT 'a hold is posted within its amount', t.block, t.debit, format('transfer %s is not of the hold %s, or larger', t.id, x.settles)
FROM ledger.tie x JOIN ledger.transfer t USING (id) LEFT JOIN ledger.pending p ON p.id = x.settles WHERE x.block > (SELECT since FROM span) AND x.settles IS NOT NULL
    AND (p.id IS NULL OR (t.debit, t.credit, t.currency, x.released_minor) <> (p.debit, p.credit, p.currency, p.amount_minor)
         OR t.amount_minor > p.amount_minor OR EXISTS (SELECT 1 FROM ledger.release v WHERE v.pending = p.id))
UNION ALL
SELECT 'an end is what ended the hold', n.block, NULL, format('hold %s was ended by %s, and another is said to have done it', n.pending, n.id)
FROM (SELECT settles AS pending, id, block FROM ledger.tie WHERE block > (SELECT since FROM span) AND settles IS NOT NULL
      UNION ALL SELECT pending, id, block FROM ledger.release WHERE block > (SELECT since FROM span)) n
LEFT JOIN ledger.ended e USING (pending) WHERE e.by IS DISTINCT FROM n.id
UNION ALL
SELECT 'a hold is released as it was made', v.block, v.debit, format('release %s is not of the hold %s, or before its time', v.id, v.pending)
FROM ledger.release v JOIN ledger.pending p ON p.id = v.pending JOIN ledger.block b ON b.number = v.block WHERE v.block > (SELECT since FROM span)
    AND ((v.debit, v.credit, v.amount_minor, v.currency) <> (p.debit, p.credit, p.amount_minor, p.currency)
         OR (v.how = 'expired' AND b.at_us < p.expires_us))
UNION ALL
SELECT 'reversals stay within what they reverse', max(r.block), max(t.debit), format('%s minor units of transfer %s are given back', sum(r.amount_minor), x.reverses)
FROM ledger.tie x JOIN ledger.transfer r USING (id) LEFT JOIN ledger.transfer t ON t.id = x.reverses
WHERE x.reverses IN (SELECT reverses FROM ledger.tie WHERE block > (SELECT since FROM span) AND reverses IS NOT NULL)
GROUP BY x.reverses HAVING bool_or(t.id IS NULL OR (t.debit, t.credit, t.currency) <> (r.credit, r.debit, r.currency))
    OR sum(r.amount_minor) > max(t.amount_minor)
UNION ALL
SELECT 'metadata stands with what carries it', m.block, m.account, format('%s of %s stands there though nothing in the block says so',
       m.name, coalesce('transfer ' || m.id, 'account ' || m.account))
FROM ledger.metadata m WHERE m.block > (SELECT since FROM span)
    AND (m.block <= (SELECT upto FROM span) OR m.block > (SELECT block FROM ledger.head)) AND NOT CASE WHEN m.account IS NOT NULL THEN EXISTS (SELECT 1 FROM ledger.account_change c
        WHERE (c.block, c.item, c.account) = (m.block, m.item, m.account) AND c.metadata)
    ELSE EXISTS (SELECT 1 FROM ledger.tie x JOIN ledger.transfer t USING (id)
            WHERE x.id = m.id AND x.metadata AND (t.block, t.item) = (m.block, m.item))
        OR EXISTS (SELECT 1 FROM ledger.pending p WHERE p.id = m.id AND p.metadata AND (p.block, p.item) = (m.block, m.item)) END
ORDER BY 1, 2, 3;
