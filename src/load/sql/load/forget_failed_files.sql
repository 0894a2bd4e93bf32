-- Forget that a file of this batch failed or was gone, now that it is complete after all.
delete from ops.files
where (outcome = 'failed' or plan_id = 'gone')
    and file_id in (select staged.file_id from stage_files as staged);
