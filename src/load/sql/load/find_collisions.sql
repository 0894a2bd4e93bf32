-- Findings about the staged rows: ids of two different things in this batch, or of one thing here and another in the
-- warehouse; orders that one file states twice; orders whose items less the discount are not their total. Grain: one row
-- each; no row is right. Known orders are looked up within the batch's own days and one day to each side, because
-- core.orders is sorted by time.
select
    'branch collides' as finding,
    cast(staged.id as varchar(32)) as id,
    1 as found,
    0 as pence
from stage_dimensions as staged
left join core.branches as known
    on known.branch_id = staged.id
where staged.kind = 'branch'
group by staged.id
having min(staged.name) <> max(staged.name)
    or min(case when known.written_as = '' then known.branch_name else known.written_as end) <> min(staged.name)

union all

select
    'product collides' as finding,
    cast(staged.id as varchar(32)) as id,
    1 as found,
    0 as pence
from stage_dimensions as staged
left join core.products as known
    on known.product_id = staged.id
where staged.kind = 'product'
group by staged.id
having min(staged.name) <> max(staged.name)
    or min(staged.size) <> max(staged.size)
    or min(staged.flavour) <> max(staged.flavour)
    or min(known.product_name) <> min(staged.name)
    or min(known.size) <> min(staged.size)
    or min(known.flavour) <> min(staged.flavour)

union all

select
    'order collides' as finding,
    cast(staged.order_id as varchar(32)) as id,
    1 as found,
    0 as pence
from stage_orders as staged
left join (
    select
        orders.order_id,
        orders.branch_id,
        orders.ordered_at,
        orders.payment,
        orders.total_amount,
        orders.discount
    from core.orders as orders
    where orders.ordered_at between
        (select dateadd(day, -1, min(ordered_at)) from stage_orders)
        and (select dateadd(day, 1, max(ordered_at)) from stage_orders)
) as known
    on known.order_id = staged.order_id
group by staged.order_id
having min(staged.branch_id) <> max(staged.branch_id)
    or min(staged.ordered_at) <> max(staged.ordered_at)
    or min(staged.payment) <> max(staged.payment)
    or min(staged.total_amount) <> max(staged.total_amount)
    or min(staged.discount) <> max(staged.discount)
    or min(known.branch_id) <> min(staged.branch_id)
    or min(known.ordered_at) <> min(staged.ordered_at)
    or min(known.payment) <> min(staged.payment)
    or min(known.total_amount) <> min(staged.total_amount)
    or min(known.discount) <> min(staged.discount)
    or count(*) > count(distinct staged.file_id)

union all

select
    'items collides' as finding,
    cast(staged.order_id as varchar(32)) as id,
    1 as found,
    0 as pence
from (
    select
        order_id,
        min(total_amount + discount) as amount
    from stage_orders
    group by order_id
) as staged
left join (
    select
        order_id,
        product_id,
        unit_price,
        quantity
    from stage_order_items
    group by
        order_id,
        product_id,
        unit_price,
        quantity
) as items
    on items.order_id = staged.order_id
group by staged.order_id
having min(staged.amount) <> coalesce(sum(items.unit_price * items.quantity), -1);
