-- Which products go together in one order? Sizes and flavours are merged.
-- Grain: a café, day and pair of products, each pair once, in the order of the alphabet. Units: orders.
create view mart.bought_together as
with contents as (
    select distinct
        orders.order_id,
        branches.branch_name as cafe,
        date_trunc('day', orders.ordered_at) as day,
        products.product_name as product
    from core.orders as orders
    inner join core.order_items as items
        on items.order_id = orders.order_id
    inner join core.products as products
        on products.product_id = items.product_id
    inner join core.branches as branches
        on branches.branch_id = orders.branch_id
)

select
    one.cafe,
    one.day,
    one.product,
    other.product as other_product,
    count(*) as orders
from contents as one
inner join contents as other
    on other.order_id = one.order_id
    and other.day = one.day
    and other.product > one.product
group by
    one.cafe,
    one.day,
    one.product,
    other.product;
