-- Fill ops.file_days again from the claims of live files.
delete from ops.file_days;

insert into ops.file_days (file_id, branch_id, day, orders)
select
    claims.file_id,
    orders.branch_id,
    date_trunc('day', orders.ordered_at),
    count(*)
from ops.order_claims as claims
inner join ops.files as files
    on files.file_id = claims.file_id
    and files.is_live
inner join core.orders as orders
    on orders.order_id = claims.order_id
group by
    claims.file_id,
    orders.branch_id,
    date_trunc('day', orders.ordered_at);
