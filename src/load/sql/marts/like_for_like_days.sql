-- Is a café's day better than the same weekday a week before? Only cafés that traded on both.
-- Grain: a café and day. Units: pounds; `before` is seven days before.
create view mart.like_for_like_days as
with shifts as (
    select 0 as days
    union all select 7
)

-- Each day is here twice, as itself and as the week before of another: the sales are read once.
select
    sales.branch_id,
    sales.cafe,
    dateadd(day, shifts.days, sales.day) as day,
    sum(case when shifts.days = 0 then sales.orders end) as orders,
    sum(case when shifts.days = 7 then sales.orders end) as orders_before,
    sum(case when shifts.days = 0 then sales.revenue end) as revenue,
    sum(case when shifts.days = 7 then sales.revenue end) as revenue_before
from mart.cafe_day_sales as sales
cross join shifts
group by
    sales.branch_id,
    sales.cafe,
    dateadd(day, shifts.days, sales.day)
having count(*) = 2;
