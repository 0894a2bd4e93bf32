-- How many items does a customer buy? The mean is sum(orders * items) / sum(orders), with one of them cast to DECIMAL.
-- Grain: a café, day and number of items in a basket. Units: items; orders.
create view mart.basket_sizes as
select
    branches.branch_id,
    branches.branch_name as cafe,
    baskets.day,
    baskets.items,
    count(*) as orders
from (
    select
        sold.branch_id,
        sold.day,
        sum(sold.quantity) as items
    from fact.items_sold as sold
    group by
        sold.order_id,
        sold.branch_id,
        sold.day
) as baskets
inner join core.branches as branches
    on branches.branch_id = baskets.branch_id
group by
    branches.branch_id,
    branches.branch_name,
    baskets.day,
    baskets.items;
