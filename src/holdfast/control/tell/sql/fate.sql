-- What became of messages that were being sent.
update tell_message as one
set state = given.state,
    last_error = given.words,
    next_attempt_at = given.again,
    maybe_twice = one.maybe_twice or given.unsure,
    delivered_at = case when given.state = 'delivered' then %(at)s end
from unnest(%(ids)s::bigint[], %(states)s::text[], %(words)s::text[], %(again)s::timestamptz[], %(unsure)s::boolean[])
  as given (id, state, words, again, unsure)
where one.id = given.id and one.state = 'sending'
