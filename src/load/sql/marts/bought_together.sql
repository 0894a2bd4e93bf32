-- Which products go together in one order? Sizes and flavours are merged.
-- Grain: a café, day and pair of products, each pair once, in the order of the alphabet. Units: orders.
create view mart.bought_together as
select
    branches.branch_name as cafe,
    date_trunc('day', orders.ordered_at) as day,
    one.product_name as product,
    other.product_name as other_product,
    count(distinct orders.order_id) as orders
from core.orders as orders
inner join core.branches as branches
    on branches.branch_id = orders.branch_id
inner join core.order_items as items
    on items.order_id = orders.order_id
inner join core.products as one
    on one.product_id = items.product_id
inner join core.order_items as other_items
    on other_items.order_id = orders.order_id
inner join core.products as other
    on other.product_id = other_items.product_id
    and other.product_name > one.product_name
group by
    branches.branch_name,
    date_trunc('day', orders.ordered_at),
    one.product_name,
    other.product_name;
