-- How far the worker proved the books (proving.py).
-- name: proved
SELECT block, at_us, findings FROM ledger.proved;
-- name: step
-- The last block of a step of so many items, and at least one block; and the end of the books.
SELECT coalesce((SELECT max(number) FROM (
    SELECT number, sum(items) OVER (ORDER BY number) AS items
    FROM (SELECT number, items FROM ledger.block WHERE number > %(since)s ORDER BY number LIMIT %(items)s) b) s
    WHERE items <= %(items)s OR number = %(since)s + 1), %(since)s), (SELECT block FROM ledger.head);
-- name: span
SELECT set_config('holdfast.since', %(since)s, false), set_config('holdfast.upto', %(upto)s, false);
-- name: note_proved
SELECT ledger.note_proved(%(block)s, %(findings)s);
