-- What is known of a foreign core, the blocks and facts made from it, and what was handed back to it.

-- name: schema
CREATE TABLE IF NOT EXISTS customer (id INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE, cohort INTEGER NOT NULL,
    body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS account (id INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE, cohort INTEGER NOT NULL,
    floor_minor INTEGER NOT NULL, balance_minor INTEGER NOT NULL, as_of TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS block (number INTEGER PRIMARY KEY, hash BLOB NOT NULL, at_us INTEGER NOT NULL,
    wire TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS fact (number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, key TEXT NOT NULL,
    body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS seen (digest TEXT PRIMARY KEY, file TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS problem (number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, file TEXT NOT NULL,
    line INTEGER NOT NULL, words TEXT NOT NULL, UNIQUE (file, line, words));
CREATE TABLE IF NOT EXISTS payment (id TEXT PRIMARY KEY, entry INTEGER NOT NULL, wire TEXT NOT NULL,
    state TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS outgoing (name TEXT PRIMARY KEY, body BLOB NOT NULL, written INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS place (id INTEGER PRIMARY KEY CHECK (id = 1), position INTEGER NOT NULL, hash BLOB NOT NULL);

-- name: head
SELECT number, hash, at_us FROM block ORDER BY number DESC LIMIT 1;

-- name: put_block
INSERT INTO block (number, hash, at_us, wire) VALUES (?, ?, ?, ?);

-- name: blocks_after
SELECT wire FROM block WHERE number > ? ORDER BY number LIMIT ?;

-- name: fact_latest
SELECT body FROM fact WHERE kind = ? AND key = ? ORDER BY number DESC LIMIT 1;

-- name: put_fact
INSERT INTO fact (kind, key, body) VALUES (?, ?, ?);

-- name: facts_after
SELECT number, kind, key, body FROM fact WHERE number > ? ORDER BY number LIMIT ?;

-- name: fact_head
SELECT coalesce(max(number), 0) FROM fact;

-- name: customers
SELECT number, id, cohort, body FROM customer;

-- name: put_customer
INSERT INTO customer (id, number, cohort, body) VALUES (?, ?, ?, ?)
ON CONFLICT (number) DO UPDATE SET body = excluded.body;

-- name: accounts
SELECT number, id, cohort, floor_minor, balance_minor, as_of, body FROM account;

-- name: put_account
INSERT INTO account (id, number, cohort, floor_minor, balance_minor, as_of, body) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (number) DO UPDATE SET floor_minor = excluded.floor_minor, balance_minor = excluded.balance_minor,
    as_of = excluded.as_of, body = excluded.body;

-- name: was_seen
SELECT 1 FROM seen WHERE digest = ?;

-- name: put_seen
INSERT OR IGNORE INTO seen (digest, file, at) VALUES (?, ?, ?);

-- name: put_problem
INSERT OR IGNORE INTO problem (at, file, line, words) VALUES (?, ?, ?, ?);

-- name: problems
SELECT at, file, line, words FROM problem ORDER BY number DESC LIMIT ?;

-- name: payment
SELECT entry, wire FROM payment WHERE id = ? AND state = 'sent';

-- name: put_payment
INSERT OR IGNORE INTO payment (id, entry, wire, state) VALUES (?, ?, ?, 'sent');

-- name: end_payment
UPDATE payment SET state = ? WHERE id = ?;

-- name: waiting
SELECT count(*) FROM payment WHERE state = 'sent';

-- name: put_outgoing
INSERT OR IGNORE INTO outgoing (name, body, written) VALUES (?, ?, 0);

-- name: unwritten
SELECT name, body FROM outgoing WHERE written = 0 ORDER BY rowid;

-- name: mark_written
UPDATE outgoing SET written = 1, body = '' WHERE name = ?;

-- name: place
SELECT position, hash FROM place WHERE id = 1;

-- name: put_place
INSERT INTO place (id, position, hash) VALUES (1, ?, ?)
ON CONFLICT (id) DO UPDATE SET position = excluded.position, hash = excluded.hash;
