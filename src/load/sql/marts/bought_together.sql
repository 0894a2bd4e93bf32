-- Which products go together in one order? Sizes and flavours are merged. `day` and `other_day` are equal. Filter both:
-- the warehouse does not apply a range to both sides of a join, and would read the other products of all years.
-- Grain: a café, day and pair of products, each pair once, in alphabetical order. Units: orders.
create view mart.bought_together as
select
    branches.branch_id,
    branches.branch_name as cafe,
    sold.day,
    other_sold.day as other_day,
    one.product_name as product,
    other.product_name as other_product,
    count(distinct sold.order_id) as orders
from fact.items_sold as sold
inner join core.products as one
    on one.product_id = sold.product_id
inner join fact.items_sold as other_sold
    on other_sold.order_id = sold.order_id
    and other_sold.day = sold.day
inner join core.products as other
    on other.product_id = other_sold.product_id
    and other.product_name > one.product_name
inner join core.branches as branches
    on branches.branch_id = sold.branch_id
group by
    branches.branch_id,
    branches.branch_name,
    sold.day,
    other_sold.day,
    one.product_name,
    other.product_name;
