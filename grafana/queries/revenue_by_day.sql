-- Revenue of each chosen café and day.
select
    sales.day as "time",
    sales.cafe,
    sales.revenue
from mart.cafe_day_sales as sales
where $__timeFilter(sales.day)
    and sales.cafe in (${cafe:sqlstring})
order by
    sales.day,
    sales.cafe
