-- The hashes of these blocks.
SELECT number, encode(hash, 'hex') FROM ledger.block WHERE number = ANY (%s)
