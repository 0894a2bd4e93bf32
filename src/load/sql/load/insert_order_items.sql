-- The items of new orders: what is left in stage_order_items. Each belongs to an order of the batch, as
-- compare_orders_with_items proves, so it is not looked up.
insert into core.order_items (order_id, product_id, unit_price, quantity)
select
    staged.order_id,
    staged.product_id,
    staged.unit_price,
    staged.quantity
from stage_order_items as staged;
