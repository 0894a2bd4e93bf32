-- The café's revenue by day, and beside it that of the same weekday a week before.
with before as (
    select
        sales.branch_id,
        dateadd(day, 7, sales.day) as day,
        sales.revenue
    from mart.cafe_day_sales as sales
    where sales.day >= dateadd(day, -7, cast($__timeFrom() as timestamp))
        and sales.day <= cast($__timeTo() as timestamp)
        and (0 in (${cafe:csv}) or sales.branch_id in (${cafe:csv}))
)

select
    sales.day as "time",
    sales.revenue,
    before.revenue as revenue_before
from mart.cafe_day_sales as sales
left join before
    on before.branch_id = sales.branch_id
    and before.day = sales.day
where $__timeFilter(sales.day)
    and (0 in (${cafe:csv}) or sales.branch_id in (${cafe:csv}))
order by sales.day
