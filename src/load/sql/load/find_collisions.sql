-- Findings about the staged rows: ids of one thing here and another in the warehouse; branches and products whose id is
-- that of two in this batch. Known orders are looked up within the batch's own days and one day to each side, because
-- core.orders is sorted by time. Grain: one row each; no row is right.
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
inner join (
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
where staged.branch_id <> known.branch_id
    or staged.ordered_at <> known.ordered_at
    or staged.payment <> known.payment
    or staged.total_amount <> known.total_amount
    or staged.discount <> known.discount;
