-- Whether the slot is there by which the server keeps what was not received yet.
SELECT 1 FROM pg_replication_slots WHERE slot_name = %s AND wal_status IS DISTINCT FROM 'lost'
