-- Forget that a file of this batch failed, was gone or was held, now that it is loaded after all.
delete from ops.files
where (outcome in ('failed', 'held') or plan_id = 'gone')
    and file_id in (select staged.file_id from stage_files as staged);
