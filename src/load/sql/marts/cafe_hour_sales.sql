-- Which hours and weekdays are busy?
-- Grain: a café, day and hour in which it sold. Units: pounds; hour 0 to 23 by the till's clock; weekday 1 is Monday.
create view mart.cafe_hour_sales as
select
    branches.branch_id,
    branches.branch_name as cafe,
    date_trunc('day', orders.ordered_at) as day,
    mod(cast(extract(dow from date_trunc('day', orders.ordered_at)) as integer) + 6, 7) + 1 as weekday,
    cast(extract(hour from orders.ordered_at) as integer) as hour,
    count(*) as orders,
    sum(orders.total_amount) as revenue
from core.orders as orders
inner join core.branches as branches
    on branches.branch_id = orders.branch_id
group by
    branches.branch_id,
    branches.branch_name,
    date_trunc('day', orders.ordered_at),
    cast(extract(hour from orders.ordered_at) as integer);
