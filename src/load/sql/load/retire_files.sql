-- Make the files of retired_files not live, and remove the orders that no live file claims from the warehouse. Each
-- removed order is counted for one file.
update ops.files
set is_live = false,
    replaced_by = retired.replaced_by
from retired_files as retired
where ops.files.file_id = retired.file_id;

insert into retired_orders (order_id, file_id)
select
    claims.order_id,
    min(claims.file_id)
from ops.order_claims as claims
inner join retired_files as retired
    on retired.file_id = claims.file_id
inner join core.orders as known
    on known.order_id = claims.order_id
left join (
    select others.order_id
    from ops.order_claims as others
    inner join ops.files as files
        on files.file_id = others.file_id
        and files.is_live
) as living
    on living.order_id = claims.order_id
where living.order_id is null
group by claims.order_id;

update ops.files
set rows_removed = removed.orders,
    amount_removed = removed.amount
from (
    select
        retired.file_id,
        count(*) as orders,
        sum(known.total_amount) as amount
    from retired_orders as retired
    inner join core.orders as known
        on known.order_id = retired.order_id
    group by retired.file_id
) as removed
where ops.files.file_id = removed.file_id;

delete from fact.items_sold
where order_id in (select retired.order_id from retired_orders as retired);

delete from core.order_items
where order_id in (select retired.order_id from retired_orders as retired);

delete from core.orders
where order_id in (select retired.order_id from retired_orders as retired);
