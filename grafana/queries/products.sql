-- What the chosen cafés sold; sizes and flavours are merged. What was not sold at all is not known here.
select
    sales.product,
    sum(sales.sold) as sold,
    sum(sales.revenue) as revenue,
    count(distinct sales.cafe) as cafes
from mart.product_day_sales as sales
where $__timeFilter(sales.day)
    and sales.cafe in (${cafe:sqlstring})
group by sales.product
