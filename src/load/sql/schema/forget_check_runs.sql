-- Forget what the checks found more than 30 days ago.
delete from ops.check_runs
where checked_at < dateadd(day, -30, getdate());
