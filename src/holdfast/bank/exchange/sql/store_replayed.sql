-- How journal entries ended, from one JSON text; those stored before stay as they are.
insert into replayed (number, payment, kind, ended, accepted_at, entered_at, debit, credit)
select number, payment, kind, ended, timestamptz 'epoch' + at_us * interval '1 microsecond', now(), debit, credit
from json_to_recordset(%(rows)s::json) as one (
  number bigint, payment uuid, kind text, ended text, at_us bigint, debit bigint, credit bigint
)
on conflict (number) do nothing
