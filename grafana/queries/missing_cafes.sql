-- Café-days of the fourteen days up to the period's end that should have been reported and have not.
select
    days.day,
    days.cafe,
    days.usual_orders,
    freshness.last_sale_at
from mart.missing_cafe_days as days
left join mart.cafe_freshness as freshness
    on freshness.cafe = days.cafe
where days.day > dateadd(day, -14, cast($__timeTo() as timestamp))
    and days.day <= cast($__timeTo() as timestamp)
order by
    days.day desc,
    days.cafe
