-- Café-days, of the fourteen days up to the period's end, that should have been reported and were not.
select
    days.day,
    cast(days.branch_id as varchar) as branch_id,
    days.cafe,
    days.usual_orders
from mart.missing_cafe_days as days
where days.day > dateadd(day, -14, cast($__timeTo() as timestamp))
    and days.day <= cast($__timeTo() as timestamp)
order by
    days.day desc,
    days.cafe
