-- Which cafés should have reported, by their own history, and have they? A café is expected on a day if it sold on that
-- weekday in at least three of the four weeks before; `usual_orders` is the mean of those days. A day is due once it
-- has ended, or once half of the cafés expected on it have reported. It is
-- unusual if it has ended with less than half of its usual orders, or more than twice as many, but not with none.
-- Grain: a café and day of the last 60, today included, on which it is expected. Units: orders; 0 orders: it has not
-- reported.
create view mart.expected_cafe_days as
-- Not mart.cafe_day_sales: a range of its day, which is computed, would read the orders of all years. A range of the sort
-- key itself reads only these days.
with sales as (
    select
        branches.branch_id,
        branches.branch_name as cafe,
        date_trunc('day', orders.ordered_at) as day,
        count(*) as orders
    from core.orders as orders
    inner join core.branches as branches
        on branches.branch_id = orders.branch_id
    where orders.ordered_at >= dateadd(day, -88, date_trunc('day', getdate()))
    group by
        branches.branch_id,
        branches.branch_name,
        date_trunc('day', orders.ordered_at)
),

weeks_before as (
    select 7 as days
    union all select 14
    union all select 21
    union all select 28
),

expected as (
    select
        sales.branch_id,
        sales.cafe,
        dateadd(day, weeks_before.days, sales.day) as day,
        cast(sum(sales.orders) / cast(count(*) as decimal(18, 2)) as decimal(12, 2)) as usual_orders
    from sales
    cross join weeks_before
    group by
        sales.branch_id,
        sales.cafe,
        dateadd(day, weeks_before.days, sales.day)
    having count(*) >= 3
),

reported as (
    select
        expected.branch_id,
        expected.cafe,
        expected.day,
        expected.usual_orders,
        coalesce(sales.orders, 0) as orders,
        count(*) over (partition by expected.day) as cafes_expected,
        sum(case when sales.orders is null then 0 else 1 end) over (partition by expected.day) as cafes_reported
    from expected
    left join sales
        on sales.branch_id = expected.branch_id
        and sales.day = expected.day
)

select
    reported.branch_id,
    reported.cafe,
    reported.day,
    reported.usual_orders,
    reported.orders,
    reported.day < date_trunc('day', getdate()) or reported.cafes_reported * 2 >= reported.cafes_expected as is_due,
    reported.orders > 0
    and reported.day < date_trunc('day', getdate())
    and (reported.orders * 2 < reported.usual_orders or reported.orders > reported.usual_orders * 2) as is_unusual
from reported
where reported.day > dateadd(day, -60, date_trunc('day', getdate()))
    and reported.day <= date_trunc('day', getdate());
