-- The files below a prefix that are live or held, recorded before a moment in UTC. Read by `cafe smoke`, for what killed
-- runs left in the warehouse. Grain: one row per key.
select distinct f.source_key
from ops.files as f
where (f.is_live or f.outcome = 'held')
    and left(f.source_key, length(cast(:prefix as varchar(1024)))) = cast(:prefix as varchar(1024))
    and f.recorded_at < cast(:before as timestamp)
order by f.source_key
