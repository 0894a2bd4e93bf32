-- Leave out the orders of superseded and held files.
delete from stage_orders
where file_id in (select files.file_id from stage_files as files where files.outcome in ('superseded', 'held'));
