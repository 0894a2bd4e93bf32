-- The night in which the period ends, noon to noon: cafés expected and reported, and the outcome of the files.
select
    nights.cafes_expected,
    nights.cafes_reported,
    nights.files_arrived,
    nights.files_loaded,
    nights.files_empty,
    nights.files_rejected,
    nights.files_failed,
    nights.rows_rejected
from mart.nights as nights
where nights.night = date_trunc('day', dateadd(hour, -12, cast($__timeTo() as timestamp)))
