-- How this database is: one row, of what any role may look at.
select
  (select count(*) from pg_stat_activity where backend_type = 'client backend') as connections,
  (select count(*) from pg_stat_activity where backend_type = 'client backend' and state <> 'idle') as busy,
  (select count(*) from pg_stat_activity where wait_event_type = 'Lock') as waiting,
  coalesce((select extract(epoch from max(clock_timestamp() - xact_start)) from pg_stat_activity
            where backend_type = 'client backend'), 0)::float8 as oldest_s,
  current_setting('max_connections')::int as connections_max,
  pg_database_size(current_database()) as size_bytes,
  xact_commit as commits,
  xact_rollback as rollbacks,
  deadlocks,
  blks_read as blocks_read,
  pg_current_wal_lsn() - '0/0'::pg_lsn as wal_bytes,
  current_setting('server_version') as version,
  current_setting('shared_buffers') as buffers
from pg_stat_database
where datname = current_database()
