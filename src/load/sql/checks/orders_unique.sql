-- Orders that stand in the warehouse more than once. Redshift enforces no key. Empty is right.
select
    order_id,
    count(*) as copies
from core.orders
group by order_id
having count(*) > 1;
