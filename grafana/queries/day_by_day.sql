-- The café's days: what it sold, its first and last sale, the cash to bank, and what looks wrong: a day without a file, and
-- one with less than half or more than twice the usual orders.
with sales as (
    select
        days.branch_id,
        days.day,
        days.revenue,
        days.orders,
        days.average_spend,
        days.cash_revenue,
        days.first_sale_at,
        days.last_sale_at
    from mart.cafe_day_sales as days
    where $__timeFilter(days.day)
        and (0 in (${cafe:csv}) or days.branch_id in (${cafe:csv}))
),

doubtful as (
    select
        expected.branch_id,
        expected.day,
        case when expected.orders = 0 then 'Missing' else 'Unusual' end || ': usually '
            || cast(cast(round(expected.usual_orders) as integer) as varchar) || ' orders' as remark
    from mart.expected_cafe_days as expected
    where $__timeFilter(expected.day)
        and (0 in (${cafe:csv}) or expected.branch_id in (${cafe:csv}))
        and (expected.is_unusual or (expected.is_due and expected.orders = 0))
)

select
    coalesce(sales.day, doubtful.day) as day,
    sales.revenue,
    sales.orders,
    sales.average_spend,
    sales.cash_revenue as cash_to_bank,
    sales.first_sale_at,
    sales.last_sale_at,
    coalesce(doubtful.remark, '') as remark
from sales
full join doubtful
    on doubtful.branch_id = sales.branch_id
    and doubtful.day = sales.day
order by coalesce(sales.day, doubtful.day) desc
