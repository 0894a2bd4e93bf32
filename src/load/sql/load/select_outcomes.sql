-- The outcomes of the files that this transaction completed, for the log. Grain: one row a file.
select
    files.file_id,
    files.outcome,
    files.rows_in,
    files.rows_loaded,
    files.rows_duplicate,
    files.rows_superseded,
    files.rows_rejected,
    files.reason,
    files.detail
from ops.files as files
inner join stage_files as staged
    on staged.file_id = files.file_id;
