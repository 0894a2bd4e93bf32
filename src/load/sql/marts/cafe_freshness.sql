-- How fresh are the sales of each café?
-- Grain: a café that has ever sold. Units: whole hours from its last sale, by the till's clock, to now, in UTC.
create view mart.cafe_freshness as
select
    branches.branch_id,
    branches.branch_name as cafe,
    max(orders.ordered_at) as last_sale_at,
    datediff(hour, max(orders.ordered_at), getdate()) as hours_since_last_sale
from core.orders as orders
inner join core.branches as branches
    on branches.branch_id = orders.branch_id
group by
    branches.branch_id,
    branches.branch_name;
