-- The new orders, each once: what is left in stage_orders.
insert into core.orders (order_id, branch_id, ordered_at, payment, total_amount, discount)
select
    staged.order_id,
    staged.branch_id,
    staged.ordered_at,
    staged.payment,
    staged.total_amount,
    staged.discount
from stage_orders as staged;
