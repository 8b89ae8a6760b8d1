-- The next customers whom a review concerns: the first owner of each account out of which or into which a payment that counts was
-- tried, or to which a late charge of this incident is given back. Account by account (LATERAL), so that no statistics are needed.
SELECT DISTINCT first.customer FROM (
    SELECT debit AS account FROM redress_tried WHERE review_id = %(review)s AND state = 'counts'
    UNION SELECT credit FROM redress_tried WHERE review_id = %(review)s AND state = 'counts'
    UNION SELECT account FROM redress_given WHERE review_id = %(review)s AND of IS NOT NULL
    UNION SELECT account FROM refund WHERE incident = %(incident)s
) touched
CROSS JOIN LATERAL (SELECT min(o.customer_id) AS customer FROM owner o WHERE o.account_id = touched.account) first
WHERE first.customer > %(after)s ORDER BY first.customer LIMIT %(limit)s
