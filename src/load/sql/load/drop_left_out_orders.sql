-- Leave out the orders of superseded and held files, and the items that then belong to no order of the batch.
delete from stage_orders
where file_id in (select files.file_id from stage_files as files where files.outcome in ('superseded', 'held'));

delete from stage_order_items
where order_id not in (select orders.order_id from stage_orders as orders);
