-- The ledger's rows since a moment. Read by `cafe status`.
-- Grain: one row per file version and re-extract, oldest first. Amounts in pounds, times in UTC.
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
where f.recorded_at >= cast(:since as timestamp)
order by
    f.recorded_at,
    f.source_key
