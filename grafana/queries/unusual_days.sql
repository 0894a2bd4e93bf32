-- Days on which the café had less than half or more than twice the orders that it usually has.
select
    days.day,
    days.orders,
    days.usual_orders,
    cast(days.orders as double precision) / days.usual_orders as share
from mart.unusual_cafe_days as days
where $__timeFilter(days.day)
    and (0 in (${cafe:csv}) or days.branch_id in (${cafe:csv}))
order by days.day desc
