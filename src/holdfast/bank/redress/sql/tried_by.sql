-- The next customers who tried to make payments that were refused for a reason of the bank's, and how many of them.
SELECT first.customer, count(*) FROM redress_tried t JOIN (
    SELECT o.account_id, min(o.customer_id) AS customer FROM owner o
    WHERE o.account_id IN (SELECT debit FROM redress_tried WHERE review_id = %(review)s)
    GROUP BY o.account_id
) first ON first.account_id = t.debit
WHERE t.review_id = %(review)s AND t.state IN ('counts', 'in_time') AND first.customer > %(after)s
GROUP BY first.customer ORDER BY first.customer LIMIT %(limit)s
