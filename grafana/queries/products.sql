-- What the chosen cafés sold, with sizes and flavours merged. A product that was not sold at all does not appear.
select
    sales.product,
    sum(sales.sold) as sold,
    sum(sales.revenue) as revenue,
    count(distinct sales.branch_id) as cafes
from mart.product_day_sales as sales
where $__timeFilter(sales.day)
    and (0 in (${cafe:csv}) or sales.branch_id in (${cafe:csv}))
group by sales.product
