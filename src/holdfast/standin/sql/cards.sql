-- What the copy knows of cards' uses. A wire item is a list: 0 its sort, 6 the kind, 7 the value date in days,
-- 15 the words (salt, payer, payee, text); see contracts/blocks.py.
-- name: paid_by_card
SELECT id, amount_minor FROM (
    SELECT id, amount_minor, opened(wire) AS wire FROM item WHERE debit = ?1 AND amount_minor IS NOT NULL
    ORDER BY block DESC, position DESC LIMIT ?4)
WHERE json_extract(wire, '$[6]') = 'card' AND json_extract(wire, '$[7]') = ?2
    AND json_extract(wire, '$[15][3]') = ?3;
