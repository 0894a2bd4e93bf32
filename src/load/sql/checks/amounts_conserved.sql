-- Orders and pounds that files brought, less what left with them, against those in the warehouse.
-- Returns no row if all is well.
with ledger as (
    select
        coalesce(sum(rows_loaded - rows_removed), 0) as orders,
        coalesce(sum(amount_loaded - amount_removed), 0) as amount
    from ops.files
),

sales as (
    select
        count(*) as orders,
        coalesce(sum(total_amount), 0) as amount
    from core.orders
)

select
    ledger.orders as ledger_orders,
    sales.orders as sales_orders,
    ledger.amount as ledger_amount,
    sales.amount as sales_amount
from ledger
cross join sales
where ledger.orders <> sales.orders
    or ledger.amount <> sales.amount;
