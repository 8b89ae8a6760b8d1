-- Up to which entry of the spare bank's journal the bank has taken it.
SELECT coalesce(max(position), 0) FROM bank.journal_position
