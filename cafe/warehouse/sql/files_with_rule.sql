-- File versions whose sales count and of which a rule refused rows, and files refused whole for a reason. Read by
-- `cafe replay`. Grain: one row per file version. :rule is a rule's or a reason's code.
select
    f.source_key,
    f.version_id
from ops.files as f
where
    (
        f.is_live
        and f.file_id in (select r.file_id from ops.rejects as r where r.rule = cast(:rule as varchar(40)))
    )
    or (f.outcome in ('rejected', 'failed') and f.reason = cast(:rule as varchar(64)))
group by
    f.source_key,
    f.version_id
order by
    f.source_key,
    f.version_id
