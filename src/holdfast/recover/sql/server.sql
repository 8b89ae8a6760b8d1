-- Which server it is: its identifier, its version, its timeline.
SELECT (SELECT system_identifier::text FROM pg_control_system()), current_setting('server_version_num')::int,
       (SELECT timeline_id FROM pg_control_checkpoint()), pg_database_size(current_database())
