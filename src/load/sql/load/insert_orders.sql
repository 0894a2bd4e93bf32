-- The new orders, each once.
insert into core.orders (order_id, branch_id, ordered_at, payment, total_amount)
select
    staged.order_id,
    staged.branch_id,
    staged.ordered_at,
    staged.payment,
    staged.total_amount
from stage_orders as staged
inner join new_orders as fresh
    on fresh.order_id = staged.order_id
    and fresh.file_id = staged.file_id;
