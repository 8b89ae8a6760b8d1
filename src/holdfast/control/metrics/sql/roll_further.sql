-- The rows of minutes of one span, each series as one row of a longer step.
insert into metrics_rolled (series_id, step_s, at, low, mean, high, count)
select series_id, %(step_s)s, %(start)s, min(low), sum(mean * count) / sum(count), max(high), sum(count)
from metrics_rolled
where step_s = %(from_s)s and at >= %(start)s and at < %(end)s
group by series_id
on conflict do nothing
