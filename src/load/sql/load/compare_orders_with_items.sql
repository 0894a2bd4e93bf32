-- Findings about the staged rows: items without their order; orders without items, or whose items less the discount are not
-- their total; how many orders are staged more than once, because several files of the batch state them. Orders that are
-- staged more than once are compared with each other by find_repeated_collisions. Orders and items are added up in one
-- pass: a join of the two would take twice as long. Grain: one row an order that is not right, and one for all that are repeated.
select
    compared.finding,
    compared.id,
    count(*) as found,
    0 as pence
from (
    select
        case
            when added.orders = 0 then 'order missing'
            when added.difference <> 0 or added.items = 0 then 'items collides'
            else 'order repeated'
        end as finding,
        case
            when added.orders > 1 and added.difference = 0 and added.items > 0 then ''
            else cast(added.order_id as varchar(32))
        end as id
    from (
        select
            staged.order_id,
            sum(staged.orders) as orders,
            sum(staged.amount) as difference,
            count(*) - sum(staged.orders) as items
        from (
            select
                orders.order_id,
                1 as orders,
                orders.total_amount + orders.discount as amount
            from stage_orders as orders

            union all

            select
                items.order_id,
                0 as orders,
                -(items.unit_price * items.quantity) as amount
            from stage_order_items as items
        ) as staged
        group by staged.order_id
    ) as added
    where added.orders <> 1
        or added.difference <> 0
        or added.items = 0
) as compared
group by
    compared.finding,
    compared.id;
