-- Live file versions that have rows which a rule rejected, and files that were rejected as a whole, or are held, for a
-- reason.
-- Read by `cafe replay`. Grain: one row per file version. :rule is the code of a rule or a reason.
select
    f.source_key,
    f.version_id
from ops.files as f
where
    (
        f.is_live
        and f.file_id in (select r.file_id from ops.rejects as r where r.rule = cast(:rule as varchar(40)))
    )
    or (f.outcome in ('rejected', 'failed', 'held') and f.reason = cast(:rule as varchar(64)))
group by
    f.source_key,
    f.version_id
order by
    f.source_key,
    f.version_id
