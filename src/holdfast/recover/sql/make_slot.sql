-- The slot; from now on the server keeps its log for us.
SELECT pg_create_physical_replication_slot(%s, true)
