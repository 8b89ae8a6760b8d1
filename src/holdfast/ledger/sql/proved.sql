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
INSERT INTO ledger.proved AS p (block, at_us, findings)
VALUES (%(block)s, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, %(findings)s)
ON CONFLICT (one) DO UPDATE SET block = excluded.block, at_us = excluded.at_us, findings = excluded.findings
RETURNING block;
