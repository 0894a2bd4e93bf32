-- Is a café's day better than the same weekday a week before? Only cafés that traded on both.
-- Grain: a café and day. Units: pounds; `before` is seven days before.
create view mart.like_for_like_days as
select
    now_sales.cafe,
    now_sales.day,
    now_sales.orders,
    before_sales.orders as orders_before,
    now_sales.revenue,
    before_sales.revenue as revenue_before
from mart.cafe_day_sales as now_sales
inner join mart.cafe_day_sales as before_sales
    on before_sales.cafe = now_sales.cafe
    and before_sales.day = dateadd(day, -7, now_sales.day);
