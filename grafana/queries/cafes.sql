-- The chosen cafés: what they sold, how each does against the same weekdays a week before, and how fresh its data are.
with sales as (
    select
        cafe_days.cafe,
        sum(cafe_days.orders) as orders,
        sum(cafe_days.revenue) as revenue,
        max(cafe_days.last_sale_at) as last_sale_at
    from mart.cafe_day_sales as cafe_days
    where $__timeFilter(cafe_days.day)
        and cafe_days.cafe in (${cafe:sqlstring})
    group by cafe_days.cafe
),

alike as (
    select
        days.cafe,
        sum(days.revenue) / sum(days.revenue_before) - 1 as change
    from mart.like_for_like_days as days
    where $__timeFilter(days.day)
        and days.cafe in (${cafe:sqlstring})
    group by days.cafe
)

select
    sales.cafe,
    sales.revenue,
    alike.change,
    sales.orders,
    sales.last_sale_at
from sales
left join alike
    on alike.cafe = sales.cafe
