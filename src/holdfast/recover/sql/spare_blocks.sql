-- SQLite: the newest blocks of the spare bank's copy up to a number, at most so many.
SELECT number, hash FROM block WHERE number <= ? ORDER BY number DESC LIMIT ?
