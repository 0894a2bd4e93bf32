-- What sells, by product, size and flavour? Sum over sizes and flavours to merge them.
-- Grain: a café, day, product, size and flavour. Units: items; pounds.
create view mart.product_day_sales as
select
    branches.branch_name as cafe,
    date_trunc('day', orders.ordered_at) as day,
    products.product_name as product,
    products.size,
    products.flavour,
    sum(items.quantity) as sold,
    sum(items.quantity * items.unit_price) as revenue
from core.orders as orders
inner join core.order_items as items
    on items.order_id = orders.order_id
inner join core.products as products
    on products.product_id = items.product_id
inner join core.branches as branches
    on branches.branch_id = orders.branch_id
group by
    branches.branch_name,
    date_trunc('day', orders.ordered_at),
    products.product_name,
    products.size,
    products.flavour;
