-- Revenue of each chosen café and day.
select
    sales.day as "time",
    sales.cafe,
    sales.revenue
from mart.cafe_day_sales as sales
where $__timeFilter(sales.day)
    and (0 in (${cafe:csv}) or sales.branch_id in (${cafe:csv}))
order by
    sales.day,
    sales.cafe
