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
  -- What the server's files set, and what changes how it commits, waits and plans, also while it is at its default.
  (select jsonb_object_agg(name, setting || coalesce(' x ' || unit, '')) from pg_settings
   where (source = 'configuration file' and name not like '%%file%%' and name not like '%%director%%')
     or name in ('server_version', 'shared_buffers', 'synchronous_standby_names', 'synchronous_commit', 'commit_delay',
       'fsync', 'full_page_writes', 'work_mem', 'statement_timeout', 'lock_timeout', 'deadlock_timeout',
       'default_transaction_read_only', 'default_transaction_isolation', 'enable_indexscan', 'enable_hashjoin',
       'autovacuum', 'max_wal_size', 'random_page_cost', 'effective_cache_size', 'jit')) as settings
from pg_stat_database
where datname = current_database()
