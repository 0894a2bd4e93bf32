-- A finding about the staged rows: how many orders are in the warehouse already. Nearly always zero. The look-up is limited
-- to the batch's own days, because core.orders is sorted by time.
select
    'order known' as finding,
    '' as id,
    count(*) as found,
    0 as pence
from stage_orders as staged
inner join (
    select orders.order_id
    from core.orders as orders
    where orders.ordered_at between
        (select min(ordered_at) from stage_orders) and (select max(ordered_at) from stage_orders)
) as known
    on known.order_id = staged.order_id;
