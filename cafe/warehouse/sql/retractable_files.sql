-- The live and the held files of a key. Read by `cafe retract`. No order of a held file counts.
-- Grain: one row per file version. Amounts in pounds; of a live file the most that would be removed.
select
    f.file_id,
    f.outcome = 'held' as is_held,
    f.rows_in - f.rows_rejected as orders,
    f.amount_accepted as amount
from ops.files as f
where (f.is_live or f.outcome = 'held')
    and f.source_key = cast(:key as varchar(1024))
order by f.version_order
