-- Leave out the staged items whose order was left out.
delete from stage_order_items
using (
    select items.order_id
    from stage_order_items as items
    left join stage_orders as orders
        on orders.order_id = items.order_id
    where orders.order_id is null
    group by items.order_id
) as left_out
where stage_order_items.order_id = left_out.order_id;
