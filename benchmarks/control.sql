-- A control room after a fortnight and a thousand incidents: all made up.
insert into incidents_incident (number, cause, severity, phase, cause_words, opened_by, began_at, detected_at, opened_at,
    closed_at, restored_at, affected_cohorts, bank_block_seen, suspects, review)
select 1000 + n, 'part bank-web', 2 + n % 2, 'closed', 'made up: slow by itself', 'made up: requests fail', at, at, at,
    at + interval '9 minutes', at + interval '7 minutes', '[]', 0, '[]', 'made up'
from generate_series(1, 1000) as n, lateral (select now() - interval '14 days' + n * interval '20 minutes' as at) as t;
insert into incidents_timelineentry (incident_id, at, recorded_at, source, kind, words, data)
select 1000 + n, now() - interval '14 days' + n * interval '20 minutes' + m * interval '20 seconds', now(), 'watch',
    'alert', 'made up: requests fail at a part', '{}'
from generate_series(1, 1000) as n, generate_series(1, 25) as m;
insert into alerts_alert (rule, component, metric, about, source, severity, page, words, what_to_do, began_at, fired_at,
    seen_at, ended_at, times, silenced, incident_id)
select 'requests fail', 'bank-web', 'requests failing', 'pay', 'rules', 2, true, 'made up', '', at, at, at,
    at + interval '8 minutes', 1, false, 1000 + n
from generate_series(1, 1000) as n, generate_series(1, 4) as m,
    lateral (select now() - interval '14 days' + n * interval '20 minutes' as at) as t;
insert into changes_change (at, component, kind, words, by)
select now() - n * interval '5 minutes', 'bank-web', 'start', 'made up: began anew', '' from generate_series(1, 4000) as n;
insert into metrics_rolled (series_id, step_s, at, low, mean, high, count)
select s.id, 300, t, 1, 2 + random(), 4, 30 from metrics_series as s,
    generate_series(now() - interval '14 days', now() - interval '10 minutes', interval '5 minutes') as t;
insert into metrics_rolled (series_id, step_s, at, low, mean, high, count)
select s.id, 60, t, 1, 2 + random(), 4, 6 from metrics_series as s,
    generate_series(now() - interval '2 days', now() - interval '10 minutes', interval '1 minute') as t;
insert into metrics_point (series_id, at, value)
select s.id, t, 2 + random() from metrics_series as s,
    generate_series(now() - interval '6 hours', now() - interval '10 minutes', interval '10 seconds') as t;
analyze;
