-- What the chosen cafés sold, with sizes and flavours merged, and each product's share of all items. A product that was
-- not sold at all does not appear.
select
    sales.product,
    sum(sales.sold) as sold,
    cast(sum(sales.sold) as double precision) / sum(sum(sales.sold)) over () as share,
    sum(sales.revenue) as revenue
from mart.product_day_sales as sales
where $__timeFilter(sales.day)
    and (0 in (${cafe:csv}) or sales.branch_id in (${cafe:csv}))
group by sales.product
order by
    sum(sales.sold) desc,
    sales.product
