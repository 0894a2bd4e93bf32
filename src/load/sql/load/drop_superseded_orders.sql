-- The orders of superseded files, which count for nothing, and the items that no order of the batch has any more.
delete from stage_orders
where file_id in (select files.file_id from stage_files as files where files.outcome = 'superseded');

delete from stage_order_items
where order_id not in (select orders.order_id from stage_orders as orders);
