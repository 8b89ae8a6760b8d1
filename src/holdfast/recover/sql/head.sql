-- The end of the bank's books.
SELECT block, encode(hash, 'hex'), at_us FROM ledger.head
