-- Of accounts on which nothing accrued in a running period any more (what had is known otherwise now).
update accrual set grains = 0, through = %(day)s
where account = any (%(accounts)s) and rule = %(rule)s and first = %(first)s and through < %(day)s
