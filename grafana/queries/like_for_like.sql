-- Like for like in two rows: the same weekdays a week before, then the period; only café-days that traded on both.
with alike as (
    select
        sum(days.revenue) as revenue,
        sum(days.revenue_before) as revenue_before,
        sum(days.orders) as orders,
        sum(days.orders_before) as orders_before
    from mart.like_for_like_days as days
    where $__timeFilter(days.day)
        and (0 in (${cafe:csv}) or days.branch_id in (${cafe:csv}))
),

sides as (
    select 0 as is_now
    union all select 1
)

select
    case sides.is_now when 1 then alike.revenue else alike.revenue_before end as revenue,
    case sides.is_now when 1 then alike.orders else alike.orders_before end as orders
from alike
cross join sides
where alike.orders > 0
order by sides.is_now
