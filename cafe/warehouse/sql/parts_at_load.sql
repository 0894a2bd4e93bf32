-- How many parts of a file load has, and of how many. Read by `cafe trace`, of a file that has not ended.
-- Grain: one row per way in which the file was cut; none before its first part.
select
    p.plan_id,
    count(*) as here,
    max(p.parts) as parts
from ops.file_parts as p
where p.file_id = cast(:file as varchar(32))
group by p.plan_id
order by p.plan_id
