-- Which tries count, and why the others do not.
UPDATE redress_tried t SET state = one.state
FROM unnest(%(ids)s::bigint[], %(states)s::text[]) AS one (id, state) WHERE t.id = one.id
