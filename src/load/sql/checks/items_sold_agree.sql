-- Café-days on which fact.items_sold, which marts read, differs from core. `cafe migrate` fills it again.
-- Returns no row if all is well.
with sides as (
    select
        orders.branch_id,
        date_trunc('day', orders.ordered_at) as day,
        count(*) as core_rows,
        sum(items.quantity) as core_sold,
        sum(items.quantity * items.unit_price) as core_amount,
        0 as fact_rows,
        0 as fact_sold,
        0 as fact_amount
    from core.order_items as items
    inner join core.orders as orders
        on orders.order_id = items.order_id
    group by
        orders.branch_id,
        date_trunc('day', orders.ordered_at)

    union all

    select
        facts.branch_id,
        facts.day,
        0 as core_rows,
        0 as core_sold,
        0 as core_amount,
        count(*) as fact_rows,
        sum(facts.quantity) as fact_sold,
        sum(facts.quantity * facts.unit_price) as fact_amount
    from fact.items_sold as facts
    group by
        facts.branch_id,
        facts.day
)

select
    branch_id,
    day,
    sum(core_rows) as core_rows,
    sum(fact_rows) as fact_rows
from sides
group by
    branch_id,
    day
having sum(core_rows) <> sum(fact_rows)
    or sum(core_sold) <> sum(fact_sold)
    or sum(core_amount) <> sum(fact_amount);
