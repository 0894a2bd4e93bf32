-- Fill fact.items_sold again from core.
delete from fact.items_sold;

insert into fact.items_sold (order_id, branch_id, day, product_id, unit_price, quantity)
select
    items.order_id,
    orders.branch_id,
    date_trunc('day', orders.ordered_at),
    items.product_id,
    items.unit_price,
    items.quantity
from core.order_items as items
inner join core.orders as orders
    on orders.order_id = items.order_id;
