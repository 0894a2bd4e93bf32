-- The money of live files against the money of orders, in pounds. Empty is right.
with ledger as (
    select coalesce(sum(amount_loaded), 0) as amount
    from ops.files
    where is_live
),

sales as (
    select coalesce(sum(total_amount), 0) as amount
    from core.orders
)

select
    ledger.amount as ledger_amount,
    sales.amount as sales_amount
from ledger
cross join sales
where ledger.amount <> sales.amount;
