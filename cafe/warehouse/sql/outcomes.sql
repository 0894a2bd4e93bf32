-- The outcomes of file versions. Read by `cafe drop --wait`, `cafe reconcile` and `cafe replay`.
-- Grain: one row per file version and re-extract, the newest of a version last. Amounts in pounds, times in UTC.
-- :versions contains S3 version ids between bars: |id|id|. The caller compares the keys.
{entries}
where strpos(cast(:versions as varchar(65535)), '|' || f.version_id || '|') > 0
order by f.version_order
