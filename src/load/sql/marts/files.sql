-- What arrived, and what was its outcome?
-- Grain: a version of a branch file. Units: orders; pounds; UTC; seconds from S3's receipt to the warehouse.
create view mart.files as
select
    files.source_key as key,
    files.file_id,
    files.sender,
    files.last_modified as received_at,
    files.recorded_at,
    datediff(second, files.last_modified, files.recorded_at) as seconds_to_load,
    files.outcome,
    files.reason,
    files.detail,
    files.is_live,
    files.lines_in,
    files.rows_in,
    files.rows_loaded,
    files.rows_duplicate,
    files.rows_superseded,
    files.rows_rejected,
    files.rows_removed,
    files.amount_accepted,
    files.amount_removed
from ops.files as files;
