-- Minutes from a file's arrival in S3 until its rows are in the warehouse, by the hour in which files completed.
select
    date_trunc('hour', files.recorded_at) as "time",
    sum(files.seconds_to_load) / (60.0 * count(*)) as typical,
    max(files.seconds_to_load) / 60.0 as slowest
from mart.files as files
where $__timeFilter(files.recorded_at)
group by date_trunc('hour', files.recorded_at)
order by date_trunc('hour', files.recorded_at)
