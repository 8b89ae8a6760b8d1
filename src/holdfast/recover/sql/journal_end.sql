-- SQLite: the last entry of the spare bank's journal.
SELECT max(number) FROM entry
