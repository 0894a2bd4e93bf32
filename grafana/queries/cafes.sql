-- The chosen cafés: what each sold, its change against the same weekdays a week before, and its last sale. The change is
-- calculated as in mart.like_for_like_days, but here the sales are read only once.
with sales as (
    select
        days.cafe,
        days.day,
        days.orders,
        days.revenue,
        days.last_sale_at
    from mart.cafe_day_sales as days
    where days.day >= dateadd(day, -7, cast($__timeFrom() as timestamp))
        and days.day <= cast($__timeTo() as timestamp)
        and days.cafe in (${cafe:sqlstring})
),

totals as (
    select
        sales.cafe,
        sum(sales.orders) as orders,
        sum(sales.revenue) as revenue,
        max(sales.last_sale_at) as last_sale_at
    from sales
    where $__timeFilter(sales.day)
    group by sales.cafe
),

alike as (
    select
        now_sales.cafe,
        cast(sum(now_sales.revenue) as double precision) / sum(before_sales.revenue) - 1 as change
    from sales as now_sales
    inner join sales as before_sales
        on before_sales.cafe = now_sales.cafe
        and before_sales.day = dateadd(day, -7, now_sales.day)
    where $__timeFilter(now_sales.day)
    group by now_sales.cafe
)

select
    totals.cafe,
    totals.revenue,
    alike.change,
    totals.orders,
    totals.last_sale_at
from totals
left join alike
    on alike.cafe = totals.cafe
