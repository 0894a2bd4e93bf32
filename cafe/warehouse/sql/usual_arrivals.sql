-- The time at which a café's day usually arrives. Read by `cafe status`, only if a café is missing.
-- Grain: one row per café that reported in the 14 days before :day. Unit: minutes from the day's midnight, in UTC,
-- until S3 received the first file with orders of that day. Days that arrived after the next noon are left out.
with arrivals as (
    select
        days.branch_id,
        days.day,
        datediff(minute, days.day, min(files.last_modified)) as minutes
    from ops.file_days as days
    inner join ops.files as files
        on files.file_id = days.file_id
    where days.day >= dateadd(day, -14, cast(:day as timestamp))
    group by
        days.branch_id,
        days.day
)

select
    branches.branch_name as cafe,
    cast(avg(arrivals.minutes) as integer) as minutes
from arrivals
inner join core.branches as branches
    on branches.branch_id = arrivals.branch_id
where arrivals.minutes < 2160
group by branches.branch_name
