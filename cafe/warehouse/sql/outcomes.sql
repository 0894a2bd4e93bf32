-- What became of the file versions just dropped. Read by `cafe drop --wait`.
-- Grain: one row per file version and reading, the newest reading of a version last. Amounts in pounds.
-- :versions holds S3 version ids, each between bars: |id|id|; the caller matches the keys.
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
where strpos(cast(:versions as varchar(65535)), '|' || f.version_id || '|') > 0
order by f.version_order
