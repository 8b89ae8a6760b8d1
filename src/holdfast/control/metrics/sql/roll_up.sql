-- The points of one span, each series as one row; run again, it finds the row there.
insert into metrics_rolled (series_id, step_s, at, low, mean, high, count)
select series_id, %(step_s)s, %(start)s, min(value), avg(value), max(value), count(*)
from metrics_point
where at >= %(start)s and at < %(end)s
group by series_id
on conflict do nothing
