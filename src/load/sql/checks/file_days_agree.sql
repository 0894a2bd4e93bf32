-- Live files whose café-days, which marts read, do not add up to the orders that they state. `cafe migrate` fills the
-- days again.
-- Returns no row if all is well.
select
    files.file_id,
    files.rows_loaded + files.rows_duplicate as orders,
    coalesce(days.orders, 0) as orders_of_days
from ops.files as files
left join (
    select
        file_id,
        sum(orders) as orders
    from ops.file_days
    group by file_id
) as days
    on days.file_id = files.file_id
where files.is_live
    and files.rows_loaded + files.rows_duplicate <> coalesce(days.orders, 0);
