-- What a customer's own payments of 90 days add up to (index intent_customer), without the one that is judged and without
-- refused ones; the limits that the customer chose, and the seconds for which they want payments held back, and how it stands
-- with this very one where it is. Amounts are of those in the bank's own currency; the last figure says how many others are.
SELECT coalesce(sum(amount_minor) FILTER (WHERE created >= %(midnight)s AND currency = %(own)s), 0),
    count(*) FILTER (WHERE created >= %(minute)s),
    count(*) FILTER (WHERE created >= %(hour)s),
    count(*) FILTER (WHERE credit = %(credit)s),
    coalesce(max(amount_minor) FILTER (WHERE currency = %(own)s), 0),
    count(*),
    (SELECT body::text FROM own_limit WHERE customer = %(customer)s),
    (SELECT seconds FROM undo_window WHERE customer = %(customer)s),
    (SELECT state FROM held_payment WHERE id = %(id)s AND settled IS NULL),
    count(*) FILTER (WHERE currency <> %(own)s)
FROM intent
WHERE customer = %(customer)s AND created >= %(since)s AND outcome <> 'refused' AND id <> %(id)s;
