-- Is a café's week better than the week before? Only cafés that traded in both, on as many days.
-- Grain: a café and week, which begins on Monday. Units: pounds; `before` is the week before.
create view mart.like_for_like_weeks as
with shifts as (
    select 0 as days
    union all select 7
)

select
    sales.branch_id,
    sales.cafe,
    dateadd(day, shifts.days, date_trunc('week', sales.day)) as week,
    sum(case when shifts.days = 0 then sales.orders end) as orders,
    sum(case when shifts.days = 7 then sales.orders end) as orders_before,
    sum(case when shifts.days = 0 then sales.revenue end) as revenue,
    sum(case when shifts.days = 7 then sales.revenue end) as revenue_before
from mart.cafe_day_sales as sales
cross join shifts
group by
    sales.branch_id,
    sales.cafe,
    dateadd(day, shifts.days, date_trunc('week', sales.day))
having sum(case when shifts.days = 0 then 1 else 0 end) = sum(case when shifts.days = 7 then 1 else 0 end);
