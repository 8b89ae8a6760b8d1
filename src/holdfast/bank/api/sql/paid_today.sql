-- What a token's payments of a day add up to, in minor units, without the one that is asked for: those that the books took
-- or may still take, and for a minute those that were written down and not yet asked for.
SELECT coalesce(sum(p.amount_minor), 0)
FROM api_payment p LEFT JOIN intent i ON i.id = p.payment
WHERE p.token_id = %(token)s AND p.created >= %(midnight)s AND p.payment <> %(payment)s
    AND (i.outcome <> 'refused' OR (i.id IS NULL AND p.created > %(lately)s));
