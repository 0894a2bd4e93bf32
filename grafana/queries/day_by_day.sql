-- The café's days: what it sold, its first and last sale, the cash to bank, and what looks wrong: a day without a file, and
-- one with less than half or more than twice the usual orders.
with sales as (
    select
        days.branch_id,
        days.day,
        days.revenue,
        days.orders,
        days.average_spend,
        days.first_sale_at,
        days.last_sale_at
    from mart.cafe_day_sales as days
    where $__timeFilter(days.day)
        and (0 in (${cafe:csv}) or days.branch_id in (${cafe:csv}))
),

cash as (
    select
        payments.branch_id,
        payments.day,
        payments.revenue
    from mart.payment_mix as payments
    where $__timeFilter(payments.day)
        and (0 in (${cafe:csv}) or payments.branch_id in (${cafe:csv}))
        and payments.payment = 'CASH'
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
    case when sales.orders > 0 then coalesce(cash.revenue, 0) end as cash_to_bank,
    sales.first_sale_at,
    sales.last_sale_at,
    coalesce(doubtful.remark, '') as remark
from sales
left join cash
    on cash.branch_id = sales.branch_id
    and cash.day = sales.day
full join doubtful
    on doubtful.branch_id = sales.branch_id
    and doubtful.day = sales.day
order by coalesce(sales.day, doubtful.day) desc
