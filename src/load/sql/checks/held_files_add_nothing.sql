-- Files that are held and yet count: they are live, have counted orders, or claim one.
-- Returns no row if all is well.
select
    files.file_id,
    files.source_key,
    count(claims.order_id) as claims
from ops.files as files
left join ops.order_claims as claims
    on claims.file_id = files.file_id
where files.outcome = 'held'
group by
    files.file_id,
    files.source_key,
    files.is_live,
    files.rows_loaded,
    files.rows_duplicate,
    files.rows_superseded
having files.is_live
    or files.rows_loaded + files.rows_duplicate + files.rows_superseded > 0
    or count(claims.order_id) > 0;
