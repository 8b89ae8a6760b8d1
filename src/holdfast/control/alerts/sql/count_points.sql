-- Events of the last so and so long, from points of ten seconds: a rate times the seconds it stands for.
select given.span_s,
  coalesce(sum(value) filter (where series_id = any(%(counts)s::bigint[])), 0) * %(step_s)s,
  coalesce(sum(value) filter (where series_id = any(%(total)s::bigint[])), 0) * %(step_s)s
from unnest(%(spans)s::int[]) as given (span_s)
left join metrics_point on series_id = any(%(counts)s::bigint[] || %(total)s::bigint[])
  and at >= %(at)s - make_interval(secs => given.span_s) and at <= %(at)s
group by given.span_s
