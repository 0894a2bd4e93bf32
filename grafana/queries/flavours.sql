-- Items sold by flavour, over all products of the chosen cafés.
select
    case sales.flavour when '' then 'No flavour' else sales.flavour end as flavour,
    sum(sales.sold) as sold
from mart.product_day_sales as sales
where $__timeFilter(sales.day)
    and (0 in (${cafe:csv}) or sales.branch_id in (${cafe:csv}))
group by sales.flavour
order by
    sum(sales.sold) desc,
    sales.flavour
limit 8
