-- Is the night's data in? How many cafés were expected and have reported, and what was the outcome of the files that
-- came?
-- Grain: a night of the last 60, noon to noon, named by the day on which it begins. Units: cafés; files; orders; UTC.
create view mart.nights as
with days as (
    select
        expected.day as night,
        count(*) as cafes_expected,
        sum(case when expected.orders > 0 then 1 else 0 end) as cafes_reported
    from mart.expected_cafe_days as expected
    group by expected.day
),

arrived as (
    select
        date_trunc('day', dateadd(hour, -12, files.received_at)) as night,
        count(*) as files_arrived,
        sum(case when files.outcome in ('loaded', 'superseded', 'retracted') then 1 else 0 end) as files_loaded,
        sum(case when files.outcome = 'empty' then 1 else 0 end) as files_empty,
        sum(case when files.outcome = 'rejected' then 1 else 0 end) as files_rejected,
        sum(case when files.outcome = 'failed' then 1 else 0 end) as files_failed,
        sum(files.rows_in) as rows_in,
        sum(files.rows_rejected) as rows_rejected,
        max(files.recorded_at) as last_recorded_at
    from mart.files as files
    where files.received_at >= dateadd(hour, -59 * 24 + 12, date_trunc('day', getdate()))
    group by date_trunc('day', dateadd(hour, -12, files.received_at))
)

select
    coalesce(days.night, arrived.night) as night,
    coalesce(days.cafes_expected, 0) as cafes_expected,
    coalesce(days.cafes_reported, 0) as cafes_reported,
    coalesce(arrived.files_arrived, 0) as files_arrived,
    coalesce(arrived.files_loaded, 0) as files_loaded,
    coalesce(arrived.files_empty, 0) as files_empty,
    coalesce(arrived.files_rejected, 0) as files_rejected,
    coalesce(arrived.files_failed, 0) as files_failed,
    coalesce(arrived.rows_in, 0) as rows_in,
    coalesce(arrived.rows_rejected, 0) as rows_rejected,
    arrived.last_recorded_at
from days
full join arrived
    on arrived.night = days.night;
