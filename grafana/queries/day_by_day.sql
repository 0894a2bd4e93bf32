-- The café's days: what it sold, its first and last sale, and the cash to bank.
with cash as (
    select
        payments.cafe,
        payments.day,
        payments.revenue
    from mart.payment_mix as payments
    where $__timeFilter(payments.day)
        and payments.cafe in (${cafe:sqlstring})
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
    on cash.cafe = sales.cafe
    and cash.day = sales.day
where $__timeFilter(sales.day)
    and sales.cafe in (${cafe:sqlstring})
order by sales.day desc
