-- The next customers who tried to make payments that were refused for a reason of the bank's, and how many of them.
SELECT first.customer, sum(one.times)::int FROM (
    SELECT debit, count(*) AS times FROM redress_tried
    WHERE review_id = %(review)s AND state IN ('counts', 'in_time') GROUP BY debit
) one
CROSS JOIN LATERAL (SELECT min(o.customer_id) AS customer FROM owner o WHERE o.account_id = one.debit) first
WHERE first.customer > %(after)s
GROUP BY first.customer ORDER BY first.customer LIMIT %(limit)s
