-- Live files whose orders are not all in the warehouse, or not with the amounts that were accepted.
-- Returns no row if all is well.
select
    files.file_id,
    files.source_key,
    files.amount_accepted,
    sum(orders.total_amount) as amount_held
from ops.files as files
left join ops.order_claims as claims
    on claims.file_id = files.file_id
left join core.orders as orders
    on orders.order_id = claims.order_id
where files.is_live
group by
    files.file_id,
    files.source_key,
    files.rows_in,
    files.rows_rejected,
    files.amount_accepted
having count(orders.order_id) <> files.rows_in - files.rows_rejected
    or coalesce(sum(orders.total_amount), 0) <> files.amount_accepted;
