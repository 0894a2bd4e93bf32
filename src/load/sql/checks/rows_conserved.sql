-- Files whose orders do not add up: what came in against what became of it. Empty is right.
select
    file_id,
    source_key,
    rows_in,
    rows_loaded + rows_duplicate + rows_superseded + rows_rejected as rows_accounted
from ops.files
where rows_in <> rows_loaded + rows_duplicate + rows_superseded + rows_rejected;
