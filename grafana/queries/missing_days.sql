-- Days for which the café should have reported and did not.
select
    days.day,
    days.usual_orders
from mart.missing_cafe_days as days
where $__timeFilter(days.day)
    and (0 in (${cafe:csv}) or days.branch_id in (${cafe:csv}))
order by days.day desc
