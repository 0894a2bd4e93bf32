-- What sells, by product, size and flavour? Sum over sizes and flavours to merge them.
-- Grain: a café, day, product, size and flavour. Units: items; pounds, before discounts.
create view mart.product_day_sales as
select
    branches.branch_id,
    branches.branch_name as cafe,
    sold.day,
    products.product_name as product,
    products.size,
    products.flavour,
    sum(sold.quantity) as sold,
    sum(sold.quantity * sold.unit_price) as revenue
from fact.items_sold as sold
inner join core.products as products
    on products.product_id = sold.product_id
inner join core.branches as branches
    on branches.branch_id = sold.branch_id
group by
    branches.branch_id,
    branches.branch_name,
    sold.day,
    products.product_name,
    products.size,
    products.flavour;
