-- Files of the period that were refused or that load could not load, with the reason.
select
    files.recorded_at,
    files.key,
    files.outcome,
    files.reason,
    files.detail
from mart.files as files
where $__timeFilter(files.recorded_at)
    and files.outcome in ('rejected', 'failed')
order by
    files.recorded_at desc,
    files.key
limit 100
