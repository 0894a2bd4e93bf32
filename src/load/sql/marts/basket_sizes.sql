-- How many items does a customer buy? Items an order: sum(orders * items) / sum(orders).
-- Grain: a café, day and number of items in a basket. Units: items; orders.
create view mart.basket_sizes as
select
    baskets.cafe,
    baskets.day,
    baskets.items,
    count(*) as orders
from (
    select
        orders.order_id,
        branches.branch_name as cafe,
        date_trunc('day', orders.ordered_at) as day,
        sum(items.quantity) as items
    from core.orders as orders
    inner join core.order_items as items
        on items.order_id = orders.order_id
    inner join core.branches as branches
        on branches.branch_id = orders.branch_id
    group by
        orders.order_id,
        branches.branch_name,
        date_trunc('day', orders.ordered_at)
) as baskets
group by
    baskets.cafe,
    baskets.day,
    baskets.items;
