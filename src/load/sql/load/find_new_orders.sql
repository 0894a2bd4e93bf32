-- Orders that are not in the warehouse yet, each once, credited to the file that S3 wrote first. The look-up is limited
-- to the batch's own days, because core.orders is sorted by time.
insert into new_orders (order_id, file_id)
select
    ranked.order_id,
    ranked.file_id
from (
    select
        staged.order_id,
        staged.file_id,
        row_number() over (
            partition by staged.order_id
            order by files.version_order, staged.file_id
        ) as place
    from stage_orders as staged
    inner join stage_files as files
        on files.file_id = staged.file_id
    left join core.orders as known
        on known.order_id = staged.order_id
        and known.ordered_at between
            (select min(ordered_at) from stage_orders) and (select max(ordered_at) from stage_orders)
    where known.order_id is null
) as ranked
where ranked.place = 1;
