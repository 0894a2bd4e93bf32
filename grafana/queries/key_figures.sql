-- The chosen cafés' figures as totals of as many days as the period has, week by week: the first row is that of the same
-- weekdays before, the last that of the period. It ends with the newest day that has sales, so that a night whose files
-- have not arrived is not compared with a full one; the others end whole weeks earlier. Grafana prints the change from
-- the first row to the last with up to five decimals, so the first row differs from the last by tenths of a percent.
-- Like for like: the days of the period on which a café also traded a week before, and those days a week before.
with bounds as (
    select
        cast($__timeFrom() as timestamp) as starts_at,
        7 * cast(
            ceiling(datediff(day, cast($__timeFrom() as timestamp), cast($__timeTo() as timestamp)) / 7.0) as integer
        ) as days
),

cafe_days as (
    select
        sales.branch_id,
        sales.day,
        sales.orders,
        sales.revenue
    from mart.cafe_day_sales as sales
    where (0 in (${cafe:csv}) or sales.branch_id in (${cafe:csv}))
        and sales.day >= dateadd(
        day,
        -datediff(day, cast($__timeFrom() as timestamp), cast($__timeTo() as timestamp)) - 7,
        cast($__timeFrom() as timestamp)
    )
        and sales.day <= cast($__timeTo() as timestamp)
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

days as (
    select
        totals.day,
        totals.orders,
        totals.revenue,
        baskets.items
    from (
        select
            cafe_days.day,
            sum(cafe_days.orders) as orders,
            sum(cafe_days.revenue) as revenue
        from cafe_days
        group by cafe_days.day
    ) as totals
    inner join baskets
        on baskets.day = totals.day
),

newest as (
    select
        max(days.day) as day,
        dateadd(day, -max(bounds.days), max(days.day)) as day_before,
        max(bounds.starts_at) as starts_at
    from days
    cross join bounds
),

ends as (
    select days.day
    from days
    inner join newest
        on days.day > newest.day_before
        and mod(datediff(day, days.day, newest.day), 7) = 0
    union all
    select newest.day_before as day
    from newest
),

totals as (
    select
        ends.day,
        cast(sum(days.revenue) as double precision) as revenue,
        cast(sum(days.orders) as double precision) as orders,
        cast(sum(days.revenue) as double precision) / sum(days.orders) as average_spend,
        cast(sum(days.items) as double precision) / sum(days.orders) as items_an_order
    from ends
    cross join newest
    inner join days
        on days.day <= ends.day
        and dateadd(day, datediff(day, ends.day, newest.day), days.day) >= newest.starts_at
    group by ends.day
),

alike as (
    select
        cast(sum(now_sales.revenue) as double precision) as revenue,
        cast(sum(before_sales.revenue) as double precision) as revenue_before
    from cafe_days as now_sales
    inner join cafe_days as before_sales
        on before_sales.branch_id = now_sales.branch_id
        and before_sales.day = dateadd(day, -7, now_sales.day)
    where $__timeFilter(now_sales.day)
),

sides as (
    select
        now_totals.day,
        now_totals.revenue,
        now_totals.orders,
        now_totals.average_spend,
        now_totals.items_an_order,
        alike.revenue as revenue_alike,
        before_totals.day as day_before,
        now_totals.revenue / nullif(1 + round(now_totals.revenue / nullif(before_totals.revenue, 0) - 1, 3), 0)
            as revenue_before,
        now_totals.orders / nullif(1 + round(now_totals.orders / before_totals.orders - 1, 3), 0) as orders_before,
        now_totals.average_spend
            / nullif(1 + round(now_totals.average_spend / nullif(before_totals.average_spend, 0) - 1, 3), 0)
            as average_spend_before,
        now_totals.items_an_order / nullif(1 + round(now_totals.items_an_order / before_totals.items_an_order - 1, 3), 0)
            as items_an_order_before,
        alike.revenue / nullif(1 + round(alike.revenue / nullif(alike.revenue_before, 0) - 1, 3), 0)
            as revenue_alike_before
    from newest
    inner join totals as now_totals
        on now_totals.day = newest.day
    cross join alike
    left join totals as before_totals
        on before_totals.day = newest.day_before
)

select
    totals.day as "time",
    case totals.day when sides.day_before then coalesce(sides.revenue_before, totals.revenue) else totals.revenue end
        as revenue,
    case totals.day when sides.day_before then coalesce(sides.orders_before, totals.orders) else totals.orders end
        as orders,
    case totals.day when sides.day_before then coalesce(sides.average_spend_before, totals.average_spend)
        else totals.average_spend
    end as average_spend,
    case totals.day when sides.day_before then coalesce(sides.items_an_order_before, totals.items_an_order)
        else totals.items_an_order
    end as items_an_order,
    case totals.day when sides.day then sides.revenue_alike when sides.day_before then sides.revenue_alike_before end
        as revenue_alike
from totals
cross join sides
where totals.day = sides.day
    or sides.day_before is not null
order by totals.day
