-- The café's weeks against the week before each; only those that traded in both, on as many days.
select
    weeks.week,
    weeks.revenue,
    weeks.revenue_before,
    cast(weeks.revenue as double precision) / weeks.revenue_before - 1 as change,
    weeks.orders,
    weeks.orders_before
from mart.like_for_like_weeks as weeks
where $__timeFilter(weeks.week)
    and (0 in (${cafe:csv}) or weeks.branch_id in (${cafe:csv}))
order by weeks.week desc
