-- The live and the held files of a key, and the most that would be removed if they were retracted. Read by `cafe retract`.
-- Grain: one row per file version. Amounts in pounds.
select
    f.file_id,
    case when f.is_live then f.rows_in - f.rows_rejected else 0 end as orders,
    case when f.is_live then f.amount_accepted else 0 end as amount
from ops.files as f
where (f.is_live or f.outcome = 'held')
    and f.source_key = cast(:key as varchar(1024))
order by f.version_order
