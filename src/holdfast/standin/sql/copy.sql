-- The copy of the books and of the profile: rebuilt from the feed when it is lost. item.wire and fact.body are sealed
-- (vault.py): sealed(), opened(), stale() and marked() are functions of our connections. mark: what a customer or account
-- is looked up by, as an HMAC; holder: the customer of a card, the debited account of an order.
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
    held_minor   INTEGER,
    wire         TEXT NOT NULL,
    PRIMARY KEY (block, position)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS item_id ON item (id) WHERE id IS NOT NULL;
CREATE INDEX IF NOT EXISTS item_debit ON item (debit) WHERE debit IS NOT NULL;
CREATE INDEX IF NOT EXISTS item_credit ON item (credit) WHERE credit IS NOT NULL;
CREATE INDEX IF NOT EXISTS item_held ON item (debit, credit, held_minor) WHERE held_minor IS NOT NULL;
-- What is held and has not ended; its words stand with the item.
CREATE TABLE IF NOT EXISTS hold (
    id           BLOB PRIMARY KEY,
    debit        INTEGER NOT NULL,
    amount_minor INTEGER NOT NULL,
    block        INTEGER NOT NULL,
    position     INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS hold_debit ON hold (debit, block, position);
CREATE TABLE IF NOT EXISTS account (
    account       INTEGER PRIMARY KEY,
    code          TEXT NOT NULL,
    currency      TEXT NOT NULL,
    side          TEXT NOT NULL,
    floor_minor   INTEGER NOT NULL,
    flags         INTEGER NOT NULL,
    cohort        INTEGER NOT NULL,
    balance_minor INTEGER NOT NULL,
    held_minor    INTEGER NOT NULL,
    customers     INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS account_held ON account (account) WHERE held_minor <> 0;
CREATE TABLE IF NOT EXISTS fact (
    kind   TEXT NOT NULL,
    key    TEXT NOT NULL,
    number INTEGER NOT NULL,
    body   TEXT NOT NULL,
    mark   BLOB,
    holder INTEGER,
    due    TEXT,
    cohort INTEGER,
    credit INTEGER,
    urgent INTEGER,
    PRIMARY KEY (kind, key)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS fact_mark ON fact (mark) WHERE mark IS NOT NULL;
CREATE INDEX IF NOT EXISTS fact_holder ON fact (holder, kind) WHERE holder IS NOT NULL;
CREATE INDEX IF NOT EXISTS fact_due ON fact (due, CAST(key AS INTEGER), cohort) WHERE due IS NOT NULL;
-- name: meta
SELECT name, value FROM meta;
-- name: set_meta
INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2;
-- name: head
SELECT number, hash, at_us FROM block ORDER BY number DESC LIMIT 1;
-- name: at_of_block
SELECT at_us FROM block WHERE number = ?;
-- name: insert_block
INSERT INTO block (number, previous, hash, at_us) VALUES (?, ?, ?, ?);
-- name: insert_items
-- Many in one statement, which runs without Python's lock. ?1: for each [block, position, debit, credit, amount_minor,
-- paid_day, held_minor (more or, below zero, less is held), where its 16 bytes of id stand in ?2 (0: none), where its sealed words, how many bytes].
INSERT INTO item (block, position, debit, credit, amount_minor, paid_day, held_minor, id, wire)
SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),
    json_extract(value, '$[3]'), json_extract(value, '$[4]'), json_extract(value, '$[5]'), json_extract(value, '$[6]'),
    iif(json_extract(value, '$[7]'), substr(?2, json_extract(value, '$[7]'), 16), NULL),
    substr(?2, json_extract(value, '$[8]'), json_extract(value, '$[9]'))
FROM json_each(?1);
-- name: put_hold
INSERT INTO hold (id, debit, amount_minor, block, position) VALUES (?, ?, ?, ?, ?);
-- name: end_hold
DELETE FROM hold WHERE id = ?;
-- name: held
SELECT amount_minor FROM hold WHERE id = ? AND debit = ?;
-- name: holds
SELECT block.at_us, opened(wire) FROM hold JOIN item USING (block, position) JOIN block ON block.number = hold.block
WHERE hold.debit IN (SELECT value FROM json_each(?1)) ORDER BY hold.block DESC, hold.position DESC LIMIT ?2;
-- name: put_account
-- customers: 1 for an account of customers, that is, one of which the profile has told.
INSERT INTO account (account, code, currency, side, floor_minor, flags, cohort, balance_minor, held_minor, customers)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,
    EXISTS (SELECT 1 FROM fact WHERE kind = 'account' AND key = CAST(?1 AS TEXT)))
ON CONFLICT (account) DO UPDATE SET code = ?2, currency = ?3, side = ?4, floor_minor = ?5, flags = ?6, cohort = ?7,
    balance_minor = ?8, held_minor = ?9;
-- name: set_balances
-- ?: [account, balance_minor, held_minor] each.
UPDATE account SET balance_minor = json_extract(told.value, '$[1]'), held_minor = json_extract(told.value, '$[2]') FROM json_each(?) AS told
WHERE account = json_extract(told.value, '$[0]');
-- name: set_customers
UPDATE account SET customers = ?2 WHERE account = ?1;
-- name: any_account
SELECT EXISTS (SELECT 1 FROM account);
-- name: account
SELECT account, code, currency, side, floor_minor, flags, cohort, balance_minor, held_minor FROM account WHERE account = ?;
-- name: accounts_among
SELECT account, code, currency, side, floor_minor, flags, cohort, balance_minor, held_minor FROM account
WHERE account IN (SELECT value FROM json_each(?));
-- name: put_fact
INSERT INTO fact (kind, key, number, body, mark, holder, due, cohort, credit, urgent)
VALUES (?1, ?2, ?3, sealed(?4), ?5, ?6, ?7, ?8, ?9, ?10)
ON CONFLICT (kind, key) DO UPDATE SET number = excluded.number, body = excluded.body, mark = excluded.mark,
    holder = excluded.holder, due = excluded.due, cohort = excluded.cohort, credit = excluded.credit,
    urgent = excluded.urgent;
-- name: drop_fact
DELETE FROM fact WHERE kind = ? AND key = ?;
-- name: kept_facts
-- What is kept in memory: facts of the whole bank.
SELECT kind, key, number, opened(body) FROM fact WHERE kind IN ('bank', 'limits', 'order_run') ORDER BY kind, key;
-- name: fact
SELECT opened(body) FROM fact WHERE kind = ? AND key = ?;
-- name: fact_marked
SELECT key, opened(body) FROM fact WHERE kind = ?1 AND mark = ?2 ORDER BY number DESC LIMIT 1;
-- name: facts_held
SELECT key, opened(body) FROM fact WHERE kind = ?1 AND holder = ?2 ORDER BY key;
-- name: orders_due
-- Those that must arrive by a time (?4 = 1), by their kind or their payee, or the others.
SELECT key, opened(body) FROM fact
WHERE due = ?1 AND CAST(key AS INTEGER) > ?2 AND cohort IN (SELECT value FROM json_each(?3))
    AND (urgent OR EXISTS (SELECT 1 FROM fact AS payee
        WHERE payee.kind = 'payee_kind' AND payee.key = CAST(fact.credit AS TEXT))) = ?4
ORDER BY CAST(key AS INTEGER) LIMIT ?5;
-- name: by_id
SELECT item.block, block.at_us, opened(wire) FROM item JOIN block ON block.number = item.block WHERE id = ?
ORDER BY item.block, position;
-- name: of_account
-- Entries and refusals; what is held is no entry yet.
SELECT place, position, at_us, opened(wire) FROM (
    SELECT item.block AS place, position, block.at_us AS at_us, wire FROM item JOIN block ON block.number = item.block
    WHERE debit = ?1 AND (amount_minor IS NOT NULL OR held_minor IS NULL) ORDER BY item.block DESC, position DESC LIMIT ?2)
UNION SELECT place, position, at_us, opened(wire) FROM (
    SELECT item.block AS place, position, block.at_us AS at_us, wire FROM item JOIN block ON block.number = item.block
    WHERE credit = ?1 AND (amount_minor IS NOT NULL OR held_minor IS NULL) ORDER BY item.block DESC, position DESC LIMIT ?2)
ORDER BY place DESC, position DESC LIMIT ?2;
-- name: paid_on
-- Below a block (?3) and from one on (?4).
SELECT coalesce(sum(amount_minor), 0) FROM item WHERE debit = ?2 AND block < ?3 AND block >= ?4 AND paid_day = ?1;
-- name: debits
-- An account's newest debits before a block, newest first, what is held as soon as it is; a wire item is a list: 6 its kind, 7 its value date in days,
-- 11 its journal number (see contracts/blocks.py).
SELECT place, block.at_us, credit, amount_minor, kind, value_day, journal < 0 FROM (
    SELECT block AS place, position, credit, coalesce(amount_minor, held_minor) AS amount_minor,
        json_extract(opened(wire), '$[6]') AS kind,
        json_extract(opened(wire), '$[7]') AS value_day, json_extract(opened(wire), '$[11]') AS journal
    FROM item WHERE debit = ?1 AND block < ?4 AND iif(held_minor IS NULL, amount_minor IS NOT NULL, held_minor > 0)
    ORDER BY block DESC, position DESC LIMIT ?3)
JOIN block ON block.number = place
WHERE value_day >= ?2 AND kind IN ('payment', 'exchange', 'order', 'card') ORDER BY place DESC, position DESC;
-- name: blocks_after
SELECT number, previous, hash, at_us FROM block WHERE number > ? ORDER BY number LIMIT ?;
-- name: items_between
SELECT block, opened(wire) FROM item WHERE block > ? AND block <= ? ORDER BY block, position;
-- name: balances_wrong
-- Accounts whose balance is not the sum of their transfers, and transfers of accounts that are not there.
WITH moved AS MATERIALIZED (
    SELECT account, sum(amount) AS net FROM (
        SELECT debit AS account, -amount_minor AS amount FROM item WHERE amount_minor IS NOT NULL
        UNION ALL SELECT credit, amount_minor FROM item WHERE amount_minor IS NOT NULL
    ) GROUP BY account)
SELECT account, CASE side WHEN 'credit' THEN balance_minor WHEN 'debit' THEN -balance_minor END AS shown,
    coalesce(net, 0) FROM account LEFT JOIN moved USING (account) WHERE shown <> coalesce(net, 0)
UNION ALL SELECT account, NULL, net FROM moved WHERE account NOT IN (SELECT account FROM account)
LIMIT ?;
-- name: held_wrong
-- Accounts of which not as much is held as their items say, or as their open holds sum to.
WITH change AS MATERIALIZED (
    SELECT account, sum(held) AS net FROM (
        SELECT debit AS account, 'credit' AS side, held_minor AS held FROM item WHERE held_minor IS NOT NULL
        UNION ALL SELECT credit, 'debit', held_minor FROM item WHERE held_minor IS NOT NULL
    ) JOIN account USING (account, side) GROUP BY account)
SELECT account, held_minor, coalesce(net, 0) FROM account LEFT JOIN change USING (account)
WHERE held_minor <> coalesce(net, 0)
UNION ALL SELECT account, held_minor, open FROM account
    JOIN (SELECT debit AS account, sum(amount_minor) AS open FROM hold GROUP BY debit) USING (account)
    WHERE side = 'credit' AND held_minor <> open
LIMIT ?;
-- name: sums_wrong
SELECT currency, sum(CASE side WHEN 'credit' THEN balance_minor ELSE -balance_minor END) AS total FROM account
GROUP BY currency HAVING total <> 0;
-- name: balances_after
SELECT account, balance_minor FROM account WHERE account > ? ORDER BY account LIMIT ?;
-- name: held_between
SELECT account, held_minor FROM account WHERE held_minor <> 0 AND account > ? AND account <= ? ORDER BY account;
-- name: account_count
SELECT count(*) FROM account;
-- name: account_further
-- The account so many places behind another.
SELECT account, code, currency, side, floor_minor, flags, cohort, balance_minor, held_minor FROM account
WHERE account > ? ORDER BY account LIMIT 1 OFFSET ?;
-- name: account_step
SELECT max(account) FROM (SELECT account FROM account WHERE account > ? ORDER BY account LIMIT ?);
-- name: covered
-- What customers' accounts have above their floor, by cohort and currency.
SELECT cohort, currency, sum(max(balance_minor - floor_minor - held_minor, 0)) FROM account WHERE account > ? AND account <= ? AND customers
GROUP BY cohort, currency;
-- name: checkpoint
PRAGMA wal_checkpoint(PASSIVE);
-- name: seal_items_next
SELECT block, position FROM item WHERE (block, position) > (?, ?) AND stale(wire) ORDER BY block, position LIMIT ?;
-- name: seal_items
UPDATE item SET wire = sealed(opened(wire)) WHERE block = ? AND position = ?;
-- name: seal_facts_next
SELECT kind, key FROM fact WHERE (kind, key) > (?, ?) AND stale(body) ORDER BY kind, key LIMIT ?;
-- name: seal_facts
UPDATE fact SET mark = marked(kind, opened(body)), body = sealed(opened(body)) WHERE kind = ? AND key = ?;
