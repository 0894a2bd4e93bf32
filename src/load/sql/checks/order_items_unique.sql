-- Order items that stand in the warehouse more than once. Empty is right.
select
    order_id,
    product_id,
    unit_price,
    count(*) as copies
from core.order_items
group by
    order_id,
    product_id,
    unit_price
having count(*) > 1;
