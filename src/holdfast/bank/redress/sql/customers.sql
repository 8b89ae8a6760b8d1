-- The next customers whom a review concerns: the first owner of each account out of which or into which a payment that counts was
-- tried, or to which a late charge of this incident is given back.
SELECT DISTINCT first.customer FROM (
    SELECT o.account_id, min(o.customer_id) AS customer FROM owner o
    WHERE o.account_id IN (
        SELECT debit FROM redress_tried WHERE review_id = %(review)s AND state = 'counts'
        UNION SELECT credit FROM redress_tried WHERE review_id = %(review)s AND state = 'counts'
        UNION SELECT account FROM redress_given WHERE review_id = %(review)s AND of IS NOT NULL
        UNION SELECT account FROM refund WHERE incident = %(incident)s
    )
    GROUP BY o.account_id
) first WHERE first.customer > %(after)s ORDER BY first.customer LIMIT %(limit)s
