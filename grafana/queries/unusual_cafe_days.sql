-- Café-days, of the thirty days up to the period's end, with less than half or more than twice the usual orders.
select
    days.day,
    cast(days.branch_id as varchar) as branch_id,
    days.cafe,
    days.orders,
    days.usual_orders,
    cast(days.orders as double precision) / days.usual_orders as share
from mart.unusual_cafe_days as days
where days.day > dateadd(day, -30, cast($__timeTo() as timestamp))
    and days.day <= cast($__timeTo() as timestamp)
order by
    days.day desc,
    days.cafe
