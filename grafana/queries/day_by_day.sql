-- The café's days: what it sold, its first and last sale, and the cash to bank.
with cash as (
    select
        payments.branch_id,
        payments.day,
        payments.revenue
    from mart.payment_mix as payments
    where $__timeFilter(payments.day)
        and (0 in (${cafe:csv}) or payments.branch_id in (${cafe:csv}))
        and payments.payment = 'CASH'
)

select
    sales.day,
    sales.revenue,
    sales.orders,
    sales.average_spend,
    coalesce(cash.revenue, 0) as cash_to_bank,
    sales.first_sale_at,
    sales.last_sale_at
from mart.cafe_day_sales as sales
left join cash
    on cash.branch_id = sales.branch_id
    and cash.day = sales.day
where $__timeFilter(sales.day)
    and (0 in (${cafe:csv}) or sales.branch_id in (${cafe:csv}))
order by sales.day desc
