-- What was decided for periods that ended, from one JSON text, once an account, rule and period; answers with those stored now.
insert into charge_booking (id, account, cohort, rule, first, until, version, currency, amount_minor, calculation, ended,
  decided)
select id, account, cohort, rule, first, until, version, currency, amount_minor, calculation, '', %(decided)s
from json_to_recordset(%(rows)s::json) as one (
  id uuid, account bigint, cohort int, rule text, first date, until date, version text, currency text,
  amount_minor bigint, calculation jsonb
)
on conflict do nothing
returning id
