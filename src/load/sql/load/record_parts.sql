-- Record the parts of this batch that are new.
insert into ops.file_parts (file_id, plan_id, part, parts, message)
select
    staged.file_id,
    staged.plan_id,
    staged.part,
    staged.parts,
    staged.message
from stage_parts as staged
left join ops.file_parts as known
    on known.file_id = staged.file_id
    and known.plan_id = staged.plan_id
    and known.part = staged.part
where known.file_id is null;
