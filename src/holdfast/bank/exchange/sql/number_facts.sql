-- Number facts whose transaction is older than every open one, in order of id, without holes.
with ready as (
  select id from fact
  where number is null and xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
  order by id limit %(limit)s
), numbered as (
  select id, (select coalesce(max(number), 0) from fact) + row_number() over (order by id) as number from ready
)
update fact set number = numbered.number from numbered where fact.id = numbered.id
