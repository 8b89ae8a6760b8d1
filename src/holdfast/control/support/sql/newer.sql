-- The conversations that are newer than a door knows them: their ids, and the versions that it knows, in the same order.
SELECT conversation.id
FROM support_conversation AS conversation
JOIN unnest(%s::uuid[], %s::int[]) AS known (id, version) ON known.id = conversation.id
WHERE conversation.version > known.version
