-- The spare bank's journal: small, fsynced before any answer, never updated or deleted but for known epochs.
-- entry.body is sealed (vault.py): sealed(), opened() and stale() are functions of our connections. It may be sealed
-- anew under another key, but never say anything else.
-- name: schema
CREATE TABLE IF NOT EXISTS entry (
    number   INTEGER PRIMARY KEY,
    previous BLOB NOT NULL,
    hash     BLOB NOT NULL,
    kind     TEXT NOT NULL,
    cohort   INTEGER NOT NULL,
    epoch    INTEGER NOT NULL,
    at_us    INTEGER NOT NULL,
    payment  BLOB,
    debit    INTEGER,
    credit   INTEGER,
    body     TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS entry_payment ON entry (payment) WHERE payment IS NOT NULL;
CREATE INDEX IF NOT EXISTS entry_debit ON entry (debit, number) WHERE debit IS NOT NULL;
CREATE INDEX IF NOT EXISTS entry_credit ON entry (credit, number) WHERE credit IS NOT NULL;
CREATE INDEX IF NOT EXISTS entry_logout ON entry (at_us) WHERE kind = 'logout';
CREATE INDEX IF NOT EXISTS entry_card ON entry (number) WHERE kind = 'card';
CREATE INDEX IF NOT EXISTS entry_freeze ON entry (number) WHERE kind = 'freeze';
CREATE TABLE IF NOT EXISTS cohort (
    cohort INTEGER PRIMARY KEY,
    known  INTEGER NOT NULL DEFAULT 0,
    closed INTEGER NOT NULL DEFAULT 0
);
DROP TRIGGER IF EXISTS entry_stays;
CREATE TRIGGER IF NOT EXISTS entry_is_kept BEFORE UPDATE
OF number, previous, hash, kind, cohort, epoch, at_us, payment, debit, credit ON entry
BEGIN SELECT RAISE(ABORT, 'journal entries are never changed'); END;
CREATE TRIGGER IF NOT EXISTS entry_says_the_same BEFORE UPDATE OF body ON entry
WHEN opened(NEW.body) IS NOT opened(OLD.body)
BEGIN SELECT RAISE(ABORT, 'journal entries are never changed'); END;
CREATE TRIGGER IF NOT EXISTS entry_kept BEFORE DELETE ON entry
BEGIN SELECT RAISE(ABORT, 'journal entries are never deleted'); END;
-- name: last
SELECT number, hash FROM entry ORDER BY number DESC LIMIT 1;
-- name: insert
INSERT INTO entry (number, previous, hash, kind, cohort, epoch, at_us, payment, debit, credit, body)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, sealed(?));
-- name: cohorts
SELECT cohort, known, closed FROM cohort;
-- name: set_known
INSERT INTO cohort (cohort, known) VALUES (?1, ?2) ON CONFLICT (cohort) DO UPDATE SET known = max(known, ?2);
-- name: set_closed
INSERT INTO cohort (cohort, known, closed) VALUES (?1, ?2, ?2)
ON CONFLICT (cohort) DO UPDATE SET closed = max(closed, ?2), known = max(known, ?2);
-- name: by_payment
SELECT number, previous, kind, cohort, epoch, at_us, opened(body) FROM entry WHERE payment = ?;
-- name: after
SELECT number, previous, kind, cohort, epoch, at_us, opened(body) FROM entry WHERE number > ? ORDER BY number LIMIT ?;
-- name: of_account
SELECT number, previous, kind, cohort, epoch, at_us, opened(sealed_body) FROM (
    SELECT number, previous, kind, cohort, epoch, at_us, body AS sealed_body FROM entry WHERE debit = ?1
    UNION SELECT number, previous, kind, cohort, epoch, at_us, body FROM entry WHERE credit = ?1
    ORDER BY number DESC LIMIT ?2)
ORDER BY number DESC;
-- name: accepted_from
-- What was taken out of one account behind an entry, since an instant.
SELECT number, previous, kind, cohort, epoch, at_us, opened(body) FROM entry
WHERE debit = ?1 AND number > ?2 AND at_us >= ?3 AND kind = 'accept' ORDER BY number;
-- name: payments
SELECT number, previous, kind, cohort, epoch, at_us, opened(body) FROM entry
WHERE payment IS NOT NULL AND number > ? ORDER BY number;
-- name: hash_of
SELECT hash FROM entry WHERE number = ?;
-- name: logouts
SELECT opened(body) FROM entry WHERE kind = 'logout' AND at_us > ?;
-- name: recovery_codes
SELECT opened(body) FROM entry WHERE kind = 'factor' ORDER BY number;
-- name: freezes
SELECT opened(body) FROM entry WHERE kind = 'card' ORDER BY number;
-- name: frozen
SELECT opened(body) FROM entry WHERE kind = 'freeze' ORDER BY number;
-- name: checkpoint
PRAGMA wal_checkpoint(PASSIVE);
-- name: seal_entries_next
SELECT number FROM entry WHERE number > ? AND stale(body) ORDER BY number LIMIT ?;
-- name: seal_entries
UPDATE entry SET body = sealed(opened(body)) WHERE number = ?;
