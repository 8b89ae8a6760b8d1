-- What the room's tables take, in bytes, and how many series there are.
select
  (select coalesce(sum(pg_total_relation_size(c.oid)), 0) from pg_class c
   where c.relkind = 'r' and c.relname in ('metrics_point', 'metrics_rolled', 'metrics_series'))::bigint,
  (select count(*) from metrics_series)
