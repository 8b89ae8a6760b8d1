"""The primary bank: customers' web, internal calls, worker. Django on PostgreSQL, on the books of holdfast.ledger."""
