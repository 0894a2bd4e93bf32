-- What the checks found when they ran last, and how many files have come since. Read by `cafe status` and `cafe watch`.
-- Grain: one row, or none if no run is recorded. Times are UTC. `found` is JSON: faulty rows by check.
select
    run.checked_at,
    run.checks,
    run.found,
    ledger.files - run.files as files_since
from (
    select
        r.checked_at,
        r.checks,
        r.files,
        r.found
    from ops.check_runs as r
    order by r.checked_at desc
    limit 1
) as run
cross join (
    select count(*) as files
    from ops.files
) as ledger
