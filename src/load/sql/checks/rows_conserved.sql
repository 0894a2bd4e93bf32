-- Files whose orders are not those loaded, duplicate, superseded and rejected together. Failed and held
-- files are left out.
-- Returns no row if all is well.
select
    file_id,
    source_key,
    rows_in,
    rows_loaded + rows_duplicate + rows_superseded + rows_rejected as rows_accounted
from ops.files
where outcome not in ('failed', 'held')
    and rows_in <> rows_loaded + rows_duplicate + rows_superseded + rows_rejected;
