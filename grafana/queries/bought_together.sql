-- Pairs of products that most often are in one order. Both days are filtered, so that the warehouse reads only these
-- days.
select
    pairs.product,
    pairs.other_product,
    sum(pairs.orders) as orders
from mart.bought_together as pairs
where $__timeFilter(pairs.day)
    and $__timeFilter(pairs.other_day)
    and (0 in (${cafe:csv}) or pairs.branch_id in (${cafe:csv}))
group by
    pairs.product,
    pairs.other_product
order by
    sum(pairs.orders) desc,
    pairs.product,
    pairs.other_product
limit 12
