-- Leave only the orders that are not in the warehouse yet, each once, credited to the file that S3 wrote first. Their
-- claims are recorded already. The look-up is limited to the batch's own days, because core.orders is sorted by time.
delete from stage_orders
using (
    select
        staged.order_id,
        staged.file_id,
        known.order_id as known_id,
        row_number() over (
            partition by staged.order_id
            order by files.version_order, staged.file_id
        ) as place
    from stage_orders as staged
    inner join stage_files as files
        on files.file_id = staged.file_id
    left join (
        select orders.order_id
        from core.orders as orders
        where orders.ordered_at between
            (select min(ordered_at) from stage_orders) and (select max(ordered_at) from stage_orders)
    ) as known
        on known.order_id = staged.order_id
) as ranked
where stage_orders.order_id = ranked.order_id
    and stage_orders.file_id = ranked.file_id
    and (ranked.known_id is not null or ranked.place > 1);
