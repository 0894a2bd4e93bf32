-- What the nights since a moment have brought, for the bill. Read by `cafe cost --ledger`.
-- Grain: one row. Loads that began in the same minute count once: the warehouse was awake. Minutes are those from a
-- night's first load to its last, on average. Times in UTC, a night is cut at noon.
with recorded as (
    select
        size_bytes,
        rows_in,
        recorded_at,
        date_trunc('minute', recorded_at) as minute,
        date_trunc('day', dateadd(hour, -12, recorded_at)) as night
    from ops.files
    where recorded_at >= cast(:since as timestamp)
),

by_night as (
    select
        night,
        count(*) as files,
        sum(size_bytes) as bytes,
        sum(rows_in) as rows_in,
        count(distinct minute) as loads,
        datediff(minute, min(recorded_at), max(recorded_at)) as minutes
    from recorded
    group by night
)

select
    count(*) as nights,
    coalesce(sum(files), 0) as files,
    coalesce(sum(bytes), 0) as bytes,
    coalesce(sum(rows_in), 0) as rows_in,
    coalesce(sum(loads), 0) as loads,
    coalesce(sum(minutes), 0) as minutes,
    (select count(*) from core.branches) as cafes
from by_night
