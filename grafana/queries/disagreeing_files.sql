-- Café-days, of the thirty days up to the period's end, for which two files have different sales.
select
    files.day,
    cast(files.branch_id as varchar) as branch_id,
    files.cafe,
    files.key,
    files.other_key
from mart.disagreeing_files as files
where files.day > dateadd(day, -30, cast($__timeTo() as timestamp))
    and files.day <= cast($__timeTo() as timestamp)
order by
    files.day desc,
    files.cafe,
    files.key
