-- The transaction that wrote a block (a part of one may have a number of its own).
SELECT xmin::text FROM ledger.block WHERE number = %s
