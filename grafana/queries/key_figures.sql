-- The chosen cafés' figures in two rows: first those of the same weekdays before, then those of the period. Both end
-- with the newest day that has sales, so that a night whose files have not arrived is not compared with a full one.
with bounds as (
    select
        cast($__timeFrom() as timestamp) as starts_at,
        7 * cast(
            ceiling(datediff(day, cast($__timeFrom() as timestamp), cast($__timeTo() as timestamp)) / 7.0) as integer
        ) as days
),

sales as (
    select
        cafe_days.day,
        sum(cafe_days.orders) as orders,
        sum(cafe_days.revenue) as revenue
    from mart.cafe_day_sales as cafe_days
    where (0 in (${cafe:csv}) or cafe_days.branch_id in (${cafe:csv}))
        and cafe_days.day >= dateadd(
        day,
        -datediff(day, cast($__timeFrom() as timestamp), cast($__timeTo() as timestamp)) - 7,
        cast($__timeFrom() as timestamp)
    )
        and cafe_days.day <= cast($__timeTo() as timestamp)
    group by cafe_days.day
),

baskets as (
    select
        sizes.day,
        sum(sizes.orders * sizes.items) as items
    from mart.basket_sizes as sizes
    where (0 in (${cafe:csv}) or sizes.branch_id in (${cafe:csv}))
        and sizes.day >= dateadd(
        day,
        -datediff(day, cast($__timeFrom() as timestamp), cast($__timeTo() as timestamp)) - 7,
        cast($__timeFrom() as timestamp)
    )
        and sizes.day <= cast($__timeTo() as timestamp)
    group by sizes.day
),

newest as (
    select max(sales.day) as day
    from sales
)

select
    sum(sales.revenue) as revenue,
    sum(sales.orders) as orders,
    cast(sum(sales.revenue) as double precision) / sum(sales.orders) as average_spend,
    cast(sum(baskets.items) as double precision) / sum(sales.orders) as items_an_order
from sales
inner join baskets
    on baskets.day = sales.day
cross join bounds
cross join newest
where sales.day >= bounds.starts_at
    or (
        dateadd(day, bounds.days, sales.day) >= bounds.starts_at
        and dateadd(day, bounds.days, sales.day) <= newest.day
    )
group by case when sales.day >= bounds.starts_at then 1 else 0 end
order by case when sales.day >= bounds.starts_at then 1 else 0 end
