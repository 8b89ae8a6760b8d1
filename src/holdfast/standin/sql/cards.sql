-- What the copy knows of cards' uses. A wire item is a list: 0 its sort, 6 the kind, 7 the value date in days,
-- 15 the words (salt, payer, payee, text), of a hold 16; see contracts/blocks.py. What posts a hold was counted with it.
-- name: paid_by_card
SELECT id, amount_minor FROM (
    SELECT id, coalesce(amount_minor, held_minor) AS amount_minor, opened(wire) AS wire FROM item
    WHERE debit = ?1 AND iif(held_minor IS NULL, amount_minor IS NOT NULL, held_minor > 0)
    ORDER BY block DESC, position DESC LIMIT ?4)
WHERE json_extract(wire, '$[6]') = 'card' AND json_extract(wire, '$[7]') = ?2
    AND json_extract(wire, iif(json_extract(wire, '$[0]') = 'P', '$[16][3]', '$[15][3]')) = ?3;
