-- SQLite: the end of the spare bank's copy.
SELECT number, hash FROM block ORDER BY number DESC LIMIT 1
