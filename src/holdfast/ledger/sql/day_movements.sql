-- Of each account: its balance now, and by value date from a day on the net change and the counted entries out of it, as
-- arrays. One statement, so one snapshot: the balance less the changes is what stood there before the day. Account by
-- account (LATERAL), and by comparisons of pairs, which only the indexes of its entries can serve: where one account (the
-- bank's own) has most entries, the planner would otherwise read the whole table for each account.
SELECT a.account, CASE WHEN a.side = 'credit' THEN a.balance_minor ELSE -a.balance_minor END, m.days, m.nets, m.uses
FROM unnest(%(accounts)s::bigint[]) AS wanted (account) JOIN ledger.account a USING (account)
LEFT JOIN LATERAL (
    SELECT array_agg(value_date ORDER BY value_date) AS days, array_agg(net ORDER BY value_date) AS nets,
        array_agg(uses ORDER BY value_date) AS uses
    FROM (
        SELECT value_date, sum(minor)::bigint AS net, sum(uses)::int AS uses
        FROM (
            SELECT t.value_date, -t.amount_minor AS minor, (t.kind = ANY (%(counted)s::text[]))::int AS uses
            FROM ledger.transfer t WHERE (t.debit, t.seq) > (a.account, %(after_seq)s::bigint)
                AND (t.debit, t.seq) < (a.account + 1, 0::bigint) AND t.value_date >= %(since)s
            UNION ALL
            SELECT t.value_date, t.amount_minor, 0
            FROM ledger.transfer t WHERE (t.credit, t.seq) > (a.account, %(after_seq)s::bigint)
                AND (t.credit, t.seq) < (a.account + 1, 0::bigint) AND t.value_date >= %(since)s
        ) one GROUP BY value_date
    ) days
) m ON true
