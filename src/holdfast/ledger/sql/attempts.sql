-- Payments that were asked for and not made, and what came of them later; read for the review of charges after an outage.
-- name: refused
-- Refusals behind a place and up to a block, in the books' order.
SELECT r.block, r.item, r.id, r.debit, r.credit, r.amount_minor, r.currency, r.reason, r.source, b.at_us
FROM ledger.refusal r JOIN ledger.block b ON b.number = r.block
WHERE (r.block, r.item) > (%(block)s::bigint, %(item)s::int) AND r.block <= %(to)s
    AND r.kind = ANY (%(kinds)s::text[]) AND r.reason = ANY (%(reasons)s::text[])
ORDER BY r.block, r.item LIMIT %(limit)s;
-- name: made_later
-- Of each refused payment (numbered): the first one behind it between the same accounts, of the same amount, of value up to a day.
SELECT w.number, m.seq, m.value_date
FROM unnest(%(numbers)s::bigint[], %(debits)s::bigint[], %(credits)s::bigint[], %(amounts)s::bigint[], %(blocks)s::bigint[])
    AS w (number, debit, credit, amount_minor, block)
CROSS JOIN LATERAL (
    SELECT t.seq, t.value_date FROM ledger.transfer t
    WHERE (t.debit, t.seq) > (w.debit, %(after)s::bigint) AND (t.debit, t.seq) < (w.debit + 1, 0::bigint)
        AND t.credit = w.credit AND t.amount_minor = w.amount_minor AND t.block > w.block
        AND t.kind = ANY (%(kinds)s::text[]) AND t.value_date <= %(until)s
    ORDER BY t.seq LIMIT 1
) m;
-- name: entries
-- Of each account: its balance now, and its entries behind a place, the oldest first. One statement, so one snapshot.
SELECT a.account, CASE WHEN a.side = 'credit' THEN a.balance_minor ELSE -a.balance_minor END - a.floor_minor,
    m.blocks, m.ats, m.days, m.kinds, m.minors
FROM unnest(%(accounts)s::bigint[]) AS wanted (account) JOIN ledger.account a USING (account)
LEFT JOIN LATERAL (
    SELECT array_agg(block ORDER BY seq) AS blocks, array_agg(at_us ORDER BY seq) AS ats,
        array_agg(value_date ORDER BY seq) AS days, array_agg(kind ORDER BY seq) AS kinds,
        array_agg(minor ORDER BY seq) AS minors
    FROM (
        SELECT t.seq, t.block, b.at_us, t.value_date, t.kind, -t.amount_minor AS minor
        FROM ledger.transfer t JOIN ledger.block b ON b.number = t.block
        WHERE (t.debit, t.seq) > (a.account, %(after)s::bigint) AND (t.debit, t.seq) < (a.account + 1, 0::bigint)
        UNION ALL
        SELECT t.seq, t.block, b.at_us, t.value_date, t.kind, t.amount_minor
        FROM ledger.transfer t JOIN ledger.block b ON b.number = t.block
        WHERE (t.credit, t.seq) > (a.account, %(after)s::bigint) AND (t.credit, t.seq) < (a.account + 1, 0::bigint)
    ) one
) m ON true;
-- name: paid_into
-- Which of these accounts were paid into by an entry of a kind that is of value on a day of a span.
SELECT DISTINCT t.credit FROM unnest(%(accounts)s::bigint[]) AS wanted (account)
JOIN ledger.transfer t ON (t.credit, t.seq) > (wanted.account, %(after)s::bigint)
    AND (t.credit, t.seq) < (wanted.account + 1, 0::bigint)
WHERE t.kind = %(kind)s AND t.value_date BETWEEN %(first)s AND %(last)s
