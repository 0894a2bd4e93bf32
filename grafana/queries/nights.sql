-- The fourteen nights up to the period's end.
select
    nights.night,
    nights.cafes_expected,
    nights.cafes_reported,
    nights.files_arrived,
    nights.files_loaded,
    nights.files_rejected,
    nights.files_failed,
    nights.rows_in,
    nights.rows_rejected,
    nights.last_recorded_at
from mart.nights as nights
where nights.night > dateadd(day, -15, cast($__timeTo() as timestamp))
    and nights.night <= dateadd(hour, -12, cast($__timeTo() as timestamp))
order by nights.night desc
limit 14
