-- The ledger's rows of a file: every version and re-extract, newest first. Read by `cafe trace`.
-- Grain: one row per file version and re-extract. Amounts in pounds, times in UTC.
-- :file is a file id, a key, or the end of a key.
select
    f.file_id,
    f.source_key,
    f.sent_by,
    f.version_id,
    f.last_modified,
    f.size_bytes,
    f.outcome,
    f.reason,
    f.detail,
    f.dialect,
    f.is_live,
    f.replaced_by,
    f.rows_in,
    f.rows_loaded,
    f.rows_duplicate,
    f.rows_superseded,
    f.rows_rejected,
    f.rows_removed,
    f.amount_accepted,
    f.amount_loaded,
    f.recorded_at
from ops.files as f
where f.source_key in (
    select named.source_key
    from ops.files as named
    where named.file_id = cast(:file as varchar(1024))
        or right(named.source_key, length(cast(:file as varchar(1024)))) = cast(:file as varchar(1024))
)
order by
    f.version_order desc,
    f.recorded_at desc
