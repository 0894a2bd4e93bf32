-- How did each café sell on a day, and on the same weekday of the four weeks before? Read by the morning mail.
-- Grain: a café that sold on one of these five days. Units: orders; pence; weeks of the four in which it sold.
-- `usual_orders` is null for a café that is not expected on the day. The day, which has ended, is bound five times.
with sales as (
    select
        branches.branch_id,
        branches.branch_name as cafe,
        date_trunc('day', orders.ordered_at) as day,
        count(*) as orders,
        cast(sum(orders.total_amount) * 100 as bigint) as pence
    from core.orders as orders
    inner join core.branches as branches
        on branches.branch_id = orders.branch_id
    where orders.ordered_at >= dateadd(day, -28, cast(%s as timestamp))
        and orders.ordered_at < dateadd(day, 1, cast(%s as timestamp))
    group by
        branches.branch_id,
        branches.branch_name,
        date_trunc('day', orders.ordered_at)
),

weekdays as (
    select
        sales.branch_id,
        sales.cafe,
        sales.day = cast(%s as timestamp) as is_the_day,
        sales.orders,
        sales.pence
    from sales
    where mod(datediff(day, sales.day, cast(%s as timestamp)), 7) = 0
),

days as (
    select
        weekdays.branch_id,
        weekdays.cafe,
        sum(case when weekdays.is_the_day then weekdays.orders else 0 end) as orders,
        sum(case when weekdays.is_the_day then weekdays.pence else 0 end) as pence,
        sum(case when weekdays.is_the_day then 0 else 1 end) as weeks_before,
        sum(case when weekdays.is_the_day then 0 else weekdays.pence end) as pence_before
    from weekdays
    group by
        weekdays.branch_id,
        weekdays.cafe
)

select
    days.cafe,
    days.orders,
    days.pence,
    days.weeks_before,
    days.pence_before,
    expected.usual_orders
from days
left join mart.expected_cafe_days as expected
    on expected.branch_id = days.branch_id
    and expected.day = cast(%s as timestamp)
order by days.cafe;
