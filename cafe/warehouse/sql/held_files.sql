-- The files that wait for a person's decision. Read by `cafe status`, `cafe approve` and `cafe cafes add`.
-- Grain: one row per file version and re-extract, the longest wait first. Amounts in pounds, times in UTC.
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
where f.outcome = 'held'
order by
    f.recorded_at,
    f.source_key
