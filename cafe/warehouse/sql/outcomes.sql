-- The outcomes of file versions. Read by `cafe drop --wait`, `cafe reconcile` and `cafe replay`.
-- Grain: one row per file version and re-extract, the newest of a version last. Amounts in pounds, times in UTC.
-- :versions contains S3 version ids between bars: |id|id|. The caller compares the keys.
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
where strpos(cast(:versions as varchar(65535)), '|' || f.version_id || '|') > 0
order by f.version_order
