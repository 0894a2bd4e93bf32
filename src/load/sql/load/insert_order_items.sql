-- The items of new orders: of what is left in stage_orders.
insert into core.order_items (order_id, product_id, unit_price, quantity)
select
    staged.order_id,
    staged.product_id,
    staged.unit_price,
    staged.quantity
from stage_order_items as staged
inner join stage_orders as orders
    on orders.order_id = staged.order_id;
