-- Files whose orders do not add up: what came in against what became of it. Of a file that failed for good nothing became
-- yet. Empty is right.
select
    file_id,
    source_key,
    rows_in,
    rows_loaded + rows_duplicate + rows_superseded + rows_rejected as rows_accounted
from ops.files
where outcome <> 'failed'
    and rows_in <> rows_loaded + rows_duplicate + rows_superseded + rows_rejected;
