-- One sequencer at a time. A statement of its own, so that the numbering takes its snapshot after the lock is held.
select pg_try_advisory_xact_lock(4707010001)
