-- Of these accounts, what was tried out of them or into them as some reviews found it, in the order in which it was tried. Account
-- by account (LATERAL); `+ 0` keeps an index of reviews out of it: statistics of before a review was made say that it has no rows,
-- and then all of its rows would be read for each account.
SELECT DISTINCT t.id, t.review_id, t.payment, t.debit, t.credit, t.amount_minor, t.day, t.made_seq, t.made_on, t.state
FROM unnest(%(accounts)s::bigint[]) AS wanted (account)
CROSS JOIN LATERAL (
    SELECT * FROM redress_tried WHERE debit = wanted.account
    UNION ALL
    SELECT * FROM redress_tried WHERE credit = wanted.account
) t WHERE t.review_id + 0 = ANY (%(reviews)s::bigint[]) ORDER BY t.id
