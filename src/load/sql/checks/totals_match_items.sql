-- Orders whose total is not the sum of their items less the discount, to the penny, or that have no items.
-- Returns no row if all is well.
with items as (
    select
        order_id,
        sum(unit_price * quantity) as amount
    from core.order_items
    group by order_id
)

select
    orders.order_id,
    orders.total_amount,
    orders.discount,
    items.amount as items_amount
from core.orders as orders
left join items
    on items.order_id = orders.order_id
where items.amount is null
    or items.amount - orders.discount <> orders.total_amount;
