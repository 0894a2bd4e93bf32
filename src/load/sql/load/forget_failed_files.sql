-- A file that failed for good before, or was told to be gone, and came to a better end after all.
delete from ops.files
where (outcome = 'failed' or plan_id = 'gone')
    and file_id in (select staged.file_id from stage_files as staged);
