-- Mark messages as being sent, each by its provider; those that somebody changed since they were looked at stay.
update tell_message as one
set state = 'sending', attempts = one.attempts + 1, sending_at = %(at)s, provider = given.provider
from unnest(%(ids)s::bigint[], %(providers)s::text[]) as given (id, provider)
where one.id = given.id and one.state in ('created', 'temporary', 'technical') and one.next_attempt_at <= %(at)s
returning one.id
