-- What accounting.py reads: the chart, and sums by line of the chart.
-- name: chart
SELECT line, class, name_en, name_nb FROM ledger.chart ORDER BY line;
-- name: own_accounts
SELECT c.line, a.account, a.code, a.currency FROM ledger.account a JOIN ledger.chart c
    ON c.key = coalesce((SELECT key FROM ledger.chart WHERE key = ledger.chart_key(a.code, a.side)), 'own:')
WHERE a.code LIKE 'own:%%' ORDER BY c.line, a.account LIMIT 1000;
-- name: sub_ledgers
SELECT ledger.chart_key(code, side) AS key, currency, count(*) FROM ledger.account WHERE code NOT LIKE 'own:%%' GROUP BY 1, 2;
-- name: moved
-- Debits and credits by line and currency of the transfers above one place and up to another.
WITH leg AS (
    SELECT debit AS account, currency, amount_minor AS debits, 0::bigint AS credits FROM ledger.transfer
        WHERE seq > %(after)s AND seq <= %(upto)s
    UNION ALL
    SELECT credit, currency, 0, amount_minor FROM ledger.transfer WHERE seq > %(after)s AND seq <= %(upto)s),
summed AS (SELECT account, currency, sum(debits) AS debits, sum(credits) AS credits FROM leg GROUP BY account, currency)
SELECT coalesce(c.line, '2900'), s.currency, sum(s.debits)::bigint, sum(s.credits)::bigint
FROM summed s JOIN ledger.account a USING (account) LEFT JOIN ledger.chart c ON c.key = ledger.chart_key(a.code, a.side)
GROUP BY 1, 2;
-- name: closings
SELECT day, block, seq, head, at_us, closed_by, approved_by FROM ledger.closing WHERE day <= %s ORDER BY day DESC LIMIT %s;
-- name: day_totals
SELECT line, currency, debits_minor, credits_minor, net_minor FROM ledger.day_total WHERE day = %s ORDER BY line, currency;
-- name: first_block
SELECT at_us FROM ledger.block WHERE number = 1;
-- name: close_days
SELECT ledger.close_days(%s, %s::date[], %s::bigint[], %s::bigint[], %s, %s, %s::date[], %s::text[], %s::text[],
    %s::bigint[], %s::bigint[], %s::bigint[]);
