-- End the segment of the log that is written now, if anything stands in it.
SELECT pg_switch_wal()
