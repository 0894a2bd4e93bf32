-- Seconds from S3's receipt of a file to its rows in the warehouse, by the hour in which files came to their end.
select
    date_trunc('hour', files.recorded_at) as "time",
    avg(files.seconds_to_load) as typical,
    max(files.seconds_to_load) as slowest
from mart.files as files
where $__timeFilter(files.recorded_at)
group by date_trunc('hour', files.recorded_at)
order by date_trunc('hour', files.recorded_at)
