-- By which transfers tried payments were made after all.
UPDATE redress_tried t SET made_seq = one.seq, made_on = one.day
FROM unnest(%(ids)s::bigint[], %(seqs)s::bigint[], %(days)s::date[]) AS one (id, seq, day) WHERE t.id = one.id
