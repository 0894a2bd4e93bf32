-- Orders per hour by weekday in the chosen cafés: the mean over the days of the period on which any of them sold.
with hours as (
    select
        sales.weekday,
        sales.hour,
        sales.day,
        sum(sales.orders) as orders
    from mart.cafe_hour_sales as sales
    where $__timeFilter(sales.day)
        and (0 in (${cafe:csv}) or sales.branch_id in (${cafe:csv}))
    group by
        sales.weekday,
        sales.hour,
        sales.day
),

weekdays as (
    select
        hours.weekday,
        count(distinct hours.day) as days
    from hours
    group by hours.weekday
),

averages as (
    select
        hours.hour,
        hours.weekday,
        cast(sum(hours.orders) as double precision) / max(weekdays.days) as orders
    from hours
    inner join weekdays
        on weekdays.weekday = hours.weekday
    group by
        hours.hour,
        hours.weekday
)

select
    lpad(cast(averages.hour as varchar), 2, '0') || ':00' as hour,
    max(case averages.weekday when 1 then averages.orders end) as monday,
    max(case averages.weekday when 2 then averages.orders end) as tuesday,
    max(case averages.weekday when 3 then averages.orders end) as wednesday,
    max(case averages.weekday when 4 then averages.orders end) as thursday,
    max(case averages.weekday when 5 then averages.orders end) as friday,
    max(case averages.weekday when 6 then averages.orders end) as saturday,
    max(case averages.weekday when 7 then averages.orders end) as sunday
from averages
group by averages.hour
order by averages.hour
