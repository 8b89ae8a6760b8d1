-- How the booking of what is given ended, and what the books hold of it.
UPDATE redress_given g SET ended = one.ended, amount_minor = one.amount_minor
FROM unnest(%(ids)s::bigint[], %(ends)s::text[], %(amounts)s::bigint[]) AS one (id, ended, amount_minor) WHERE g.id = one.id
