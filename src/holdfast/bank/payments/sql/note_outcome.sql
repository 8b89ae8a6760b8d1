-- How an intent ended, where that is not noted yet. Alone in its transaction it commits without waiting for the disk: the books
-- hold the outcome, and the sweeper reads it there again if this note is lost.
UPDATE intent SET outcome = %(outcome)s, reason = %(reason)s, source = %(source)s
WHERE id = %(id)s AND (outcome, source) <> (%(outcome)s, %(source)s)
    AND (NOT %(alone)s OR (SELECT set_config('synchronous_commit', 'off', true)) = 'off');
