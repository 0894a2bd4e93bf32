-- How does each café sell, day by day, how much of it in cash, and when did it make its first and last sale?
-- Grain: a café and day on which it sold. Units: pounds; weekday 1 is Monday; times are the till's.
create view mart.cafe_day_sales as
select
    branches.branch_id,
    branches.branch_name as cafe,
    date_trunc('day', orders.ordered_at) as day,
    mod(cast(extract(dow from date_trunc('day', orders.ordered_at)) as integer) + 6, 7) + 1 as weekday,
    count(*) as orders,
    sum(orders.total_amount) as revenue,
    sum(case orders.payment when 'CASH' then orders.total_amount else 0 end) as cash_revenue,
    cast(sum(orders.total_amount) / count(*) as decimal(10, 2)) as average_spend,
    min(orders.ordered_at) as first_sale_at,
    max(orders.ordered_at) as last_sale_at
from core.orders as orders
inner join core.branches as branches
    on branches.branch_id = orders.branch_id
group by
    branches.branch_id,
    branches.branch_name,
    date_trunc('day', orders.ordered_at);
