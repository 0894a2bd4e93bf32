-- Which cafés should have reported, by their own history alone, and have they? A café is expected on a day if it sold on
-- three or more of the four same weekdays before; `usual_orders` is the mean of those.
-- Grain: a café and day of the last 60 that have ended. Units: orders; 0 orders have not been reported.
create view mart.expected_cafe_days as
with digits as (
    select 0 as digit
    union all select 1
    union all select 2
    union all select 3
    union all select 4
    union all select 5
    union all select 6
    union all select 7
    union all select 8
    union all select 9
),

recent_days as (
    select dateadd(day, -(10 * tens.digit + ones.digit + 1), date_trunc('day', getdate())) as day
    from digits as tens
    cross join digits as ones
    where tens.digit < 6
),

sales as (
    select
        days.cafe,
        days.day,
        days.orders
    from mart.cafe_day_sales as days
    where days.day >= dateadd(day, -90, date_trunc('day', getdate()))
),

expected as (
    select
        sales.cafe,
        recent_days.day,
        cast(sum(sales.orders) / cast(count(*) as decimal(18, 2)) as decimal(12, 2)) as usual_orders
    from recent_days
    inner join sales
        on sales.day in (
            dateadd(day, -7, recent_days.day),
            dateadd(day, -14, recent_days.day),
            dateadd(day, -21, recent_days.day),
            dateadd(day, -28, recent_days.day)
        )
    group by
        sales.cafe,
        recent_days.day
    having count(*) >= 3
)

select
    expected.cafe,
    expected.day,
    expected.usual_orders,
    coalesce(sales.orders, 0) as orders
from expected
left join sales
    on sales.cafe = expected.cafe
    and sales.day = expected.day;
