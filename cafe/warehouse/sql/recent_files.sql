-- Every file version that the ledger recorded since a moment. Read by `cafe status`.
-- Grain: one row per file version, oldest first. Amounts in pounds; :since and recorded_at in UTC.
select
    f.file_id,
    f.source_key,
    f.version_id,
    f.outcome,
    f.reason,
    f.detail,
    f.rows_in,
    f.rows_loaded,
    f.rows_duplicate,
    f.rows_superseded,
    f.rows_rejected,
    f.amount_loaded,
    f.recorded_at
from ops.files as f
where f.recorded_at >= cast(:since as timestamp)
order by
    f.recorded_at,
    f.source_key
