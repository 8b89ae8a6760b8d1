-- What accrued in the running periods, from one JSON text: the newest figure of each account, rule and period stays.
insert into accrual (account, rule, first, through, grains)
select account, rule, first, through, grains from json_to_recordset(%(rows)s::json) as one (
  account bigint, rule text, first date, through date, grains numeric
)
on conflict (account, rule, first) do update set through = excluded.through, grains = excluded.grains
where accrual.through <= excluded.through
