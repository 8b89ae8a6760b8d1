-- Of these accounts, what was tried out of them or into them as some reviews found it, in the order in which it was tried. Account
-- by account (LATERAL), which the indexes of both sides serve, whatever the statistics say of tables that have just been filled.
SELECT DISTINCT t.id, t.review_id, t.payment, t.debit, t.credit, t.amount_minor, t.day, t.made_seq, t.made_on, t.state
FROM unnest(%(accounts)s::bigint[]) AS wanted (account)
CROSS JOIN LATERAL (
    SELECT * FROM redress_tried WHERE debit = wanted.account AND review_id = ANY (%(reviews)s::bigint[])
    UNION ALL
    SELECT * FROM redress_tried WHERE credit = wanted.account AND review_id = ANY (%(reviews)s::bigint[])
) t ORDER BY t.id
