-- Reading metadata (describing.py).
-- name: carried
-- Of the items of some blocks.
SELECT block, item, name, value FROM ledger.metadata WHERE block BETWEEN %s AND %s;
-- name: of_ids
SELECT id, jsonb_object_agg(name, value) FROM ledger.metadata WHERE id = ANY (%s) GROUP BY id;
-- name: of_account
SELECT ledger.account_metadata(%(account)s, coalesce(%(block)s, (SELECT block FROM ledger.head)));
-- name: changes_of_account
SELECT c.block, b.at_us, ledger.metadata_at(c.block, c.item)
FROM ledger.account_change c JOIN ledger.block b ON b.number = c.block
WHERE c.account = %(account)s AND c.metadata AND c.block < %(before)s ORDER BY c.block DESC, c.item DESC LIMIT %(limit)s;
-- name: found
-- Behind a place, in the books' order.
SELECT m.block, m.item, m.id, m.account, b.at_us FROM ledger.metadata m JOIN ledger.block b ON b.number = m.block
WHERE m.name = %(name)s AND m.value = %(value)s AND (m.block, m.item) > (%(block)s, %(item)s)
ORDER BY m.block, m.item LIMIT %(limit)s;
