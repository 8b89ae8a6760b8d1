-- The latest value of each series, told once a round.
update metrics_series as kept
set last_at = %(at)s, last_value = given.value
from unnest(%(series)s::bigint[], %(values)s::float8[]) as given (series, value)
where kept.id = given.series
