-- What is read of the books (reading.py, history.py). Each statement ends within 2 s, and none takes the head's lock.
-- name: blocks
SELECT b.number, b.previous, b.hash, b.at_us, b.items FROM ledger.block b
WHERE b.number > %s ORDER BY b.number LIMIT %s;
-- name: transfers
SELECT t.block, t.item, t.id, t.debit, t.credit, t.amount_minor, t.currency, t.kind, t.value_date, t.cohort, t.epoch,
       t.source, t.journal_number, t.cause, t.over_floor, t.note_hash, n.sealed,
       coalesce(x.metadata, false), coalesce(x.settles, x.reverses, x.linked) IS NOT NULL, x.settles, x.released_minor,
       x.reverses, x.linked
FROM ledger.transfer t LEFT JOIN ledger.note n USING (id) LEFT JOIN ledger.tie x USING (id)
WHERE t.block BETWEEN %s AND %s;
-- name: refusals
SELECT block, item, id, debit, credit, amount_minor, currency, kind, reason, rules_version, cohort, epoch, source,
       journal_number FROM ledger.refusal WHERE block BETWEEN %s AND %s;
-- name: changes
SELECT block, item, metadata, account, code, currency, side, floor_minor, flags, cohort
FROM ledger.account_change WHERE block BETWEEN %s AND %s;
-- name: recorded
SELECT t.debit, t.credit, t.amount_minor, t.currency, b.at_us, n.sealed, t.source
FROM ledger.transfer t JOIN ledger.block b ON b.number = t.block LEFT JOIN ledger.note n USING (id) WHERE t.id = %(id)s
UNION ALL
SELECT p.debit, p.credit, p.amount_minor, p.currency, b.at_us, n.sealed, p.source
FROM ledger.pending p JOIN ledger.block b ON b.number = p.block LEFT JOIN ledger.note n USING (id) WHERE p.id = %(id)s
UNION ALL
SELECT r.debit, r.credit, r.amount_minor, r.currency, b.at_us, NULL, r.source
FROM ledger.refusal r JOIN ledger.block b ON b.number = r.block WHERE r.id = %(id)s LIMIT 1;
-- name: refused
SELECT r.id, b.at_us, r.block, r.debit, r.credit, r.amount_minor, r.currency, r.kind, r.reason, r.source
FROM ledger.refusal r JOIN ledger.block b ON b.number = r.block
WHERE r.debit = ANY (%s) AND r.block > %s ORDER BY r.block DESC, r.item DESC LIMIT %s;
-- name: newest
-- The newest entries below a place, each with the balance after it: from today's balance back.
WITH own AS (SELECT side, balance_minor FROM ledger.account WHERE account = %(account)s),
newest AS (
    (SELECT t.*, -1 AS way FROM ledger.transfer t WHERE debit = %(account)s AND seq < %(before)s
        ORDER BY seq DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT t.*, 1 FROM ledger.transfer t WHERE credit = %(account)s AND seq < %(before)s
        ORDER BY seq DESC LIMIT %(limit)s)
    ORDER BY seq DESC LIMIT %(limit)s),
later AS (
    SELECT coalesce((SELECT sum(amount_minor) FROM ledger.transfer WHERE credit = %(account)s AND seq >= %(before)s), 0)
         - coalesce((SELECT sum(amount_minor) FROM ledger.transfer WHERE debit = %(account)s AND seq >= %(before)s), 0)
           AS v),
signed AS (
    SELECT newest.*, CASE WHEN own.side = 'credit' THEN way ELSE -way END * amount_minor AS signed_minor,
         own.balance_minor
         - CASE WHEN own.side = 'credit' THEN later.v ELSE -later.v END AS top_minor
    FROM newest, own, later)
SELECT s.seq, s.id, s.block, b.at_us, s.value_date, s.kind, s.signed_minor,
       s.top_minor - (sum(s.signed_minor) OVER (ORDER BY s.seq DESC) - s.signed_minor),
       CASE WHEN s.way = -1 THEN s.credit ELSE s.debit END,
       n.sealed, s.source, s.journal_number, s.cause
FROM signed s JOIN ledger.block b ON b.number = s.block LEFT JOIN ledger.note n ON n.id = s.id ORDER BY s.seq DESC;
-- name: oldest
-- The oldest entries above a place and up to another, each with the balance after it.
WITH own AS (SELECT side, balance_minor FROM ledger.account WHERE account = %(account)s),
oldest AS (
    (SELECT t.*, -1 AS way FROM ledger.transfer t WHERE debit = %(account)s AND seq > %(after)s AND seq <= %(upto)s
        ORDER BY seq LIMIT %(limit)s)
    UNION ALL
    (SELECT t.*, 1 FROM ledger.transfer t WHERE credit = %(account)s AND seq > %(after)s AND seq <= %(upto)s
        ORDER BY seq LIMIT %(limit)s)
    ORDER BY seq LIMIT %(limit)s),
later AS (
    SELECT coalesce((SELECT sum(amount_minor) FROM ledger.transfer WHERE credit = %(account)s AND seq > %(after)s), 0)
         - coalesce((SELECT sum(amount_minor) FROM ledger.transfer WHERE debit = %(account)s AND seq > %(after)s), 0)
           AS v),
signed AS (
    SELECT oldest.*, CASE WHEN own.side = 'credit' THEN way ELSE -way END * amount_minor AS signed_minor,
         own.balance_minor
         - CASE WHEN own.side = 'credit' THEN later.v ELSE -later.v END AS opening_minor
    FROM oldest, own, later)
SELECT s.seq, s.id, s.block, b.at_us, s.value_date, s.kind, s.signed_minor,
       s.opening_minor + sum(s.signed_minor) OVER (ORDER BY s.seq),
       CASE WHEN s.way = -1 THEN s.credit ELSE s.debit END,
       n.sealed, s.source, s.journal_number, s.cause
FROM signed s JOIN ledger.block b ON b.number = s.block LEFT JOIN ledger.note n ON n.id = s.id ORDER BY s.seq;
-- name: balances_at
WITH last AS (SELECT coalesce((SELECT seq FROM ledger.transfer WHERE block <= %(block)s
    ORDER BY block DESC, item DESC LIMIT 1), 0) AS seq)
SELECT a.account, a.balance_minor - CASE WHEN a.side = 'credit' THEN 1 ELSE -1 END * (
    coalesce((SELECT sum(t.amount_minor) FROM ledger.transfer t WHERE t.credit = a.account AND t.seq > last.seq), 0)
  - coalesce((SELECT sum(t.amount_minor) FROM ledger.transfer t WHERE t.debit = a.account AND t.seq > last.seq), 0))
FROM ledger.account a, last WHERE a.account = ANY (%(accounts)s);
-- name: sums_by_kind
-- What came into an account and left it, by the price list's rule or else by kind, of value in these days; and what it
-- comes to by the last of them.
WITH own AS (
    SELECT kind, cause, value_date, amount_minor AS came, 0 AS went FROM ledger.transfer
    WHERE credit = %(account)s AND value_date <= %(last)s
    UNION ALL
    SELECT kind, cause, value_date, 0, amount_minor FROM ledger.transfer
    WHERE debit = %(account)s AND value_date <= %(last)s)
SELECT CASE WHEN cause LIKE 'rule:%%' THEN split_part(cause, ':', 2) ELSE kind END AS what,
       coalesce(sum(came) FILTER (WHERE value_date >= %(first)s), 0),
       coalesce(sum(went) FILTER (WHERE value_date >= %(first)s), 0), sum(came) - sum(went)
FROM own GROUP BY what ORDER BY what;
-- name: mark
-- The last block committed before an instant, and the last transfer up to it; block_at is its index.
WITH b AS (SELECT number FROM ledger.block WHERE at_us < %(at_us)s ORDER BY at_us DESC, number DESC LIMIT 1)
SELECT coalesce((SELECT number FROM b), 0), coalesce((SELECT seq FROM ledger.transfer WHERE block <= (SELECT number FROM b)
    ORDER BY block DESC, item DESC LIMIT 1), 0);
-- name: place_of
SELECT seq FROM ledger.transfer WHERE id = %(id)s AND (debit = %(account)s OR credit = %(account)s);
