-- What customers asked for by hand at the spare bank, from one JSON text, the words sealed; an intent of ours is posted by the journal now.
insert into intent (id, customer, debit, credit, amount_minor, currency, payer, payee, text, birth, cohort, epoch,
  created, outcome, reason, source, metadata)
select id, customer, debit, credit, amount_minor, currency, payer, payee, words, 0,
  cohort, epoch, timestamptz 'epoch' + at_us * interval '1 microsecond', 'posted', '', 'journal', metadata
from json_to_recordset(%(rows)s::json) as one (
  id uuid, customer bigint, debit bigint, credit bigint, amount_minor bigint, currency text, payer text, payee text,
  words text, cohort int, epoch bigint, at_us bigint, metadata jsonb
)
on conflict (id) do update set outcome = 'posted', reason = '', source = 'journal'
