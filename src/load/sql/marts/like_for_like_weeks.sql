-- Is a café's week better than the week before? Only cafés that traded in both, on as many days.
-- Grain: a café and week, which begins on Monday. Units: pounds; `before` is the week before.
create view mart.like_for_like_weeks as
with weeks as (
    select
        sales.cafe,
        date_trunc('week', sales.day) as week,
        count(*) as days,
        sum(sales.orders) as orders,
        sum(sales.revenue) as revenue
    from mart.cafe_day_sales as sales
    group by
        sales.cafe,
        date_trunc('week', sales.day)
)

select
    now_sales.cafe,
    now_sales.week,
    now_sales.orders,
    before_sales.orders as orders_before,
    now_sales.revenue,
    before_sales.revenue as revenue_before
from weeks as now_sales
inner join weeks as before_sales
    on before_sales.cafe = now_sales.cafe
    and before_sales.week = dateadd(day, -7, now_sales.week)
    and before_sales.days = now_sales.days;
