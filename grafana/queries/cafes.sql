-- The chosen cafés: what each sold, its change against the same weekdays a week before, and its last sale. The change is
-- calculated as in mart.like_for_like_days, but here the sales are read only once.
with sales as (
    select
        days.branch_id,
        days.cafe,
        days.day,
        days.orders,
        days.revenue,
        days.last_sale_at
    from mart.cafe_day_sales as days
    where days.day >= dateadd(day, -7, cast($__timeFrom() as timestamp))
        and days.day <= cast($__timeTo() as timestamp)
        and (0 in (${cafe:csv}) or days.branch_id in (${cafe:csv}))
),

totals as (
    select
        sales.branch_id,
        sales.cafe,
        sum(sales.orders) as orders,
        sum(sales.revenue) as revenue,
        max(sales.last_sale_at) as last_sale_at
    from sales
    where $__timeFilter(sales.day)
    group by
        sales.branch_id,
        sales.cafe
),

alike as (
    select
        now_sales.branch_id,
        cast(sum(now_sales.revenue) as double precision) / sum(before_sales.revenue) - 1 as change
    from sales as now_sales
    inner join sales as before_sales
        on before_sales.branch_id = now_sales.branch_id
        and before_sales.day = dateadd(day, -7, now_sales.day)
    where $__timeFilter(now_sales.day)
    group by now_sales.branch_id
)

select
    cast(totals.branch_id as varchar) as branch_id,
    totals.cafe,
    totals.revenue,
    alike.change,
    totals.orders,
    totals.last_sale_at
from totals
left join alike
    on alike.branch_id = totals.branch_id
order by
    totals.revenue desc,
    totals.cafe
