-- The copy of the books and of the profile: rebuilt from the feed when it is lost. item.wire and fact.body are sealed
-- (vault.py): sealed(), opened() and stale() are functions of our connections.
-- name: schema
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS block (
    number   INTEGER PRIMARY KEY,
    previous BLOB NOT NULL,
    hash     BLOB NOT NULL,
    at_us    INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS item (
    block        INTEGER NOT NULL,
    position     INTEGER NOT NULL,
    id           BLOB,
    debit        INTEGER,
    credit       INTEGER,
    amount_minor INTEGER,
    paid_day     INTEGER,
    wire         TEXT NOT NULL,
    PRIMARY KEY (block, position)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS item_id ON item (id) WHERE id IS NOT NULL;
CREATE INDEX IF NOT EXISTS item_debit ON item (debit) WHERE debit IS NOT NULL;
CREATE INDEX IF NOT EXISTS item_credit ON item (credit) WHERE credit IS NOT NULL;
CREATE INDEX IF NOT EXISTS item_paid ON item (paid_day) WHERE paid_day IS NOT NULL;
CREATE TABLE IF NOT EXISTS account (
    account       INTEGER PRIMARY KEY,
    code          TEXT NOT NULL,
    currency      TEXT NOT NULL,
    side          TEXT NOT NULL,
    floor_minor   INTEGER NOT NULL,
    flags         INTEGER NOT NULL,
    cohort        INTEGER NOT NULL,
    balance_minor INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS fact (
    kind   TEXT NOT NULL,
    key    TEXT NOT NULL,
    number INTEGER NOT NULL,
    body   TEXT NOT NULL,
    PRIMARY KEY (kind, key)
) WITHOUT ROWID;
-- name: meta
SELECT name, value FROM meta;
-- name: set_meta
INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2;
-- name: head
SELECT number, hash, at_us FROM block ORDER BY number DESC LIMIT 1;
-- name: insert_block
INSERT INTO block (number, previous, hash, at_us) VALUES (?, ?, ?, ?);
-- name: insert_item
INSERT INTO item (block, position, id, debit, credit, amount_minor, paid_day, wire) VALUES (?, ?, ?, ?, ?, ?, ?, sealed(?));
-- name: put_account
INSERT INTO account (account, code, currency, side, floor_minor, flags, cohort, balance_minor)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT (account) DO UPDATE SET code = ?2, currency = ?3, side = ?4, floor_minor = ?5, flags = ?6, cohort = ?7,
    balance_minor = ?8;
-- name: accounts
SELECT account, code, currency, side, floor_minor, flags, cohort, balance_minor FROM account;
-- name: put_fact
INSERT INTO fact (kind, key, number, body) VALUES (?1, ?2, ?3, sealed(?4))
ON CONFLICT (kind, key) DO UPDATE SET number = excluded.number, body = excluded.body;
-- name: drop_fact
DELETE FROM fact WHERE kind = ? AND key = ?;
-- name: facts
SELECT kind, key, number, opened(body) FROM fact ORDER BY kind, key;
-- name: by_id
SELECT item.block, block.at_us, opened(wire) FROM item JOIN block ON block.number = item.block WHERE id = ?
ORDER BY item.block, position;
-- name: of_account
SELECT place, position, at_us, opened(wire) FROM (
    SELECT item.block AS place, position, block.at_us AS at_us, wire FROM item JOIN block ON block.number = item.block
    WHERE debit = ?1 ORDER BY item.block DESC, position DESC LIMIT ?2)
UNION SELECT place, position, at_us, opened(wire) FROM (
    SELECT item.block AS place, position, block.at_us AS at_us, wire FROM item JOIN block ON block.number = item.block
    WHERE credit = ?1 ORDER BY item.block DESC, position DESC LIMIT ?2)
ORDER BY place DESC, position DESC LIMIT ?2;
-- name: paid_on
SELECT debit, sum(amount_minor) FROM item WHERE paid_day = ? GROUP BY debit;
-- name: debits
-- An account's newest debits before a block, newest first; a wire item is a list: 6 its kind, 7 its value date in days,
-- 11 its journal number (see contracts/blocks.py).
SELECT place, block.at_us, credit, amount_minor, kind, value_day, journal < 0 FROM (
    SELECT block AS place, position, credit, amount_minor, json_extract(opened(wire), '$[6]') AS kind,
        json_extract(opened(wire), '$[7]') AS value_day, json_extract(opened(wire), '$[11]') AS journal
    FROM item WHERE debit = ?1 AND block < ?4 AND amount_minor IS NOT NULL
    ORDER BY block DESC, position DESC LIMIT ?3)
JOIN block ON block.number = place
WHERE value_day >= ?2 AND kind IN ('payment', 'order', 'card') ORDER BY place DESC, position DESC;
-- name: blocks_after
SELECT number, previous, hash, at_us FROM block WHERE number > ? ORDER BY number LIMIT ?;
-- name: items_between
SELECT block, opened(wire) FROM item WHERE block > ? AND block <= ? ORDER BY block, position;
-- name: moved
SELECT account, sum(amount) FROM (
    SELECT debit AS account, -amount_minor AS amount FROM item WHERE amount_minor IS NOT NULL
    UNION ALL SELECT credit, amount_minor FROM item WHERE amount_minor IS NOT NULL
) GROUP BY account;
-- name: balances_after
SELECT account, balance_minor FROM account WHERE account > ? ORDER BY account LIMIT ?;
-- name: checkpoint
PRAGMA wal_checkpoint(PASSIVE);
-- name: seal_items_next
SELECT block, position FROM item WHERE (block, position) > (?, ?) AND stale(wire) ORDER BY block, position LIMIT ?;
-- name: seal_items
UPDATE item SET wire = sealed(opened(wire)) WHERE block = ? AND position = ?;
-- name: seal_facts_next
SELECT kind, key FROM fact WHERE (kind, key) > (?, ?) AND stale(body) ORDER BY kind, key LIMIT ?;
-- name: seal_facts
UPDATE fact SET body = sealed(opened(body)) WHERE kind = ? AND key = ?;
