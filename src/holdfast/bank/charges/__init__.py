"""What accounts cost and earn: price lists, daily accrual, booking at a period's end, loans."""
