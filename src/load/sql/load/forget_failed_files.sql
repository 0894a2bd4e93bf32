-- A file that failed for good before, and came to a better end after all.
delete from ops.files
where outcome = 'failed'
    and file_id in (select staged.file_id from stage_files as staged);
