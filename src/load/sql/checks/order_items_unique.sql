-- Order items that are in the warehouse more than once.
-- Returns no row if all is well.
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
