-- How many orders had one item, how many two, and so on.
select
    cast(sizes.items as varchar) || case sizes.items when 1 then ' item' else ' items' end as basket,
    sum(sizes.orders) as orders
from mart.basket_sizes as sizes
where $__timeFilter(sizes.day)
    and (0 in (${cafe:csv}) or sizes.branch_id in (${cafe:csv}))
group by sizes.items
order by sizes.items
