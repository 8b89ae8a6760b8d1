-- The staff log is only ever added to: an update, a delete or a truncate raises, whoever asks.
CREATE FUNCTION staff_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the staff log is only added to, never changed';
END $$;
CREATE TRIGGER staff_log_append_only BEFORE UPDATE OR DELETE ON staff_staffaction
    FOR EACH ROW EXECUTE FUNCTION staff_log_is_append_only();
CREATE TRIGGER staff_log_no_truncate BEFORE TRUNCATE ON staff_staffaction
    FOR EACH STATEMENT EXECUTE FUNCTION staff_log_is_append_only();
