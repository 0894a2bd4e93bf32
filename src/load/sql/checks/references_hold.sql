-- Rows that refer to a branch, product or order that is missing. Redshift enforces no reference.
-- Returns no row if all is well.
select
    'order without branch' as problem,
    orders.order_id
from core.orders as orders
left join core.branches as branches
    on branches.branch_id = orders.branch_id
where branches.branch_id is null

union all

select
    'item without product' as problem,
    items.order_id
from core.order_items as items
left join core.products as products
    on products.product_id = items.product_id
where products.product_id is null

union all

select
    'item without order' as problem,
    items.order_id
from core.order_items as items
left join core.orders as orders
    on orders.order_id = items.order_id
where orders.order_id is null;
