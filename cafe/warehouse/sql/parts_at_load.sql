-- How many parts of a file load has received. Read by `cafe trace`, for a file that is not complete.
-- Grain: one row per plan, that is, per way in which the file was split; none before the first part.
select
    p.plan_id,
    count(*) as here,
    max(p.parts) as parts
from ops.file_parts as p
where p.file_id = cast(:file as varchar(32))
group by p.plan_id
order by p.plan_id
