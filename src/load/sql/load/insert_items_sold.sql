-- The items of new orders with their branch and day, a second time: what the marts of products read.
insert into fact.items_sold (order_id, branch_id, day, product_id, unit_price, quantity)
select
    items.order_id,
    orders.branch_id,
    date_trunc('day', orders.ordered_at),
    items.product_id,
    items.unit_price,
    items.quantity
from stage_order_items as items
inner join stage_orders as orders
    on orders.order_id = items.order_id;
