-- Items sold by size, over all products of the chosen cafés.
select
    case sales.size when '' then 'One size' else sales.size end as size,
    sum(sales.sold) as sold
from mart.product_day_sales as sales
where $__timeFilter(sales.day)
    and (0 in (${cafe:csv}) or sales.branch_id in (${cafe:csv}))
group by sales.size
order by
    sum(sales.sold) desc,
    sales.size
limit 8
