-- Days for which the café should have reported and did not.
select
    days.day,
    days.usual_orders
from mart.missing_cafe_days as days
where $__timeFilter(days.day)
    and days.cafe in (${cafe:sqlstring})
order by days.day desc
