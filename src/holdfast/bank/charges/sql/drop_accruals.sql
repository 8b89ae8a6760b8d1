-- What accrued on some accounts in a period that ended: the charge holds it now. The accounts are one array: a list of thousands of
-- parameters takes longer to read than the rows to delete.
delete from accrual where account = any (%(accounts)s) and rule = %(rule)s and first = %(first)s
