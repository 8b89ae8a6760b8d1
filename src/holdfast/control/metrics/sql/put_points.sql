-- Points as they come; a series has one at an instant.
insert into metrics_point (series_id, at, value)
select series, at, value from unnest(%(series)s::bigint[], %(values)s::float8[]) as given (series, value),
  (select %(at)s::timestamptz as at) as instant
on conflict do nothing
