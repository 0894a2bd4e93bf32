-- Average spend over all orders, and the hour with most of them. Read by `cafe demo`. Grain: one row.
with hours as (
    select
        date_part(hour, o.ordered_at) as hour,
        count(*) as orders
    from core.orders as o
    group by date_part(hour, o.ordered_at)
),

busiest as (
    select
        h.hour,
        h.orders,
        row_number() over (order by h.orders desc, h.hour) as place
    from hours as h
)

select
    (select cast(sum(o.total_amount) / count(*) as decimal(10, 2)) from core.orders as o) as average_spend,
    b.hour,
    b.orders
from busiest as b
where b.place = 1
