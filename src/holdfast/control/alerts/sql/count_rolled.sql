-- The same from what was rolled up.
select given.span_s,
  coalesce(sum(mean * count) filter (where series_id = any(%(counts)s::bigint[])), 0) * %(step_s)s,
  coalesce(sum(mean * count) filter (where series_id = any(%(total)s::bigint[])), 0) * %(step_s)s
from unnest(%(spans)s::int[]) as given (span_s)
left join metrics_rolled on series_id = any(%(counts)s::bigint[] || %(total)s::bigint[]) and metrics_rolled.step_s = %(rolled_s)s
  and at >= %(at)s - make_interval(secs => given.span_s) and at <= %(at)s
group by given.span_s
