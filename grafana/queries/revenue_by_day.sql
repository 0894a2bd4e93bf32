-- Revenue by day of the five chosen cafés that sold most in the period, and of all others together. One other café has its
-- own name.
with sales as (
    select
        days.branch_id,
        days.cafe,
        days.day,
        days.revenue
    from mart.cafe_day_sales as days
    where $__timeFilter(days.day)
        and (0 in (${cafe:csv}) or days.branch_id in (${cafe:csv}))
),

places as (
    select
        sales.branch_id,
        row_number() over (order by sum(sales.revenue) desc, sales.branch_id) as place,
        count(*) over () as cafes
    from sales
    group by sales.branch_id
)

select
    sales.day as "time",
    case
        when places.place <= 5 or places.cafes <= 6 then sales.cafe
        else 'The other ' || cast(places.cafes - 5 as varchar) || ' cafés'
    end as cafe,
    sum(sales.revenue) as revenue
from sales
inner join places
    on places.branch_id = sales.branch_id
group by
    sales.day,
    case
        when places.place <= 5 or places.cafes <= 6 then sales.cafe
        else 'The other ' || cast(places.cafes - 5 as varchar) || ' cafés'
    end
order by
    sales.day,
    2
