-- How long a new session of load's user may be idle, in seconds. Redshift's default is an hour, and a transaction that a
-- killed function left open is billed until its session ends. Load itself keeps a session for no longer than this
-- (LONGEST_IDLE_SECONDS).
alter user cafe_admin session timeout 300;
