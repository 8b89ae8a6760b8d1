-- Transfers (numbered without holes, so the head knows) and accounts of the books.
select (select seq from ledger.head), (select count(*) from ledger.account)
