-- Findings about the staged rows: how many orders are in the warehouse already, nearly always none, and ids that are
-- another order's there. They are looked up within the batch's own days and one day to each side, because core.orders is
-- sorted by time. Grain: one row for all that are known, and one an id that collides; no such id is right.
select
    compared.finding,
    compared.id,
    count(*) as found,
    0 as pence
from (
    select
        case when looked_up.differs then 'order collides' else 'order known' end as finding,
        case when looked_up.differs then cast(looked_up.order_id as varchar(32)) else '' end as id
    from (
        select
            staged.order_id,
            staged.branch_id <> known.branch_id
                or staged.ordered_at <> known.ordered_at
                or staged.payment <> known.payment
                or staged.total_amount <> known.total_amount
                or staged.discount <> known.discount as differs
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
    ) as looked_up
) as compared
group by
    compared.finding,
    compared.id;
