-- Orders that are in the warehouse more than once. Redshift enforces no key.
-- Returns no row if all is well.
select
    order_id,
    count(*) as copies
from core.orders
group by order_id
having count(*) > 1;
