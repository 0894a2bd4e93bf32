-- The live files of a key, and the most that would be removed if they were retracted. Read by `cafe retract`.
-- Grain: one row per file version. Amounts in pounds.
select
    f.file_id,
    f.rows_in - f.rows_rejected as orders,
    f.amount_accepted as amount
from ops.files as f
where f.is_live
    and f.source_key = cast(:key as varchar(1024))
order by f.version_order
