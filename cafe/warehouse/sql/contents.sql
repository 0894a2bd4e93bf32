-- How much the warehouse holds. Read by `cafe reset` and `cafe workspaces remove`, before they delete it. Grain: one row.
select
    (select count(*) from ops.files as f) as files,
    (select count(*) from core.orders as o) as orders,
    (select count(*) from core.order_items as i) as items
