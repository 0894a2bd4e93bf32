-- The messages of all parts of those files of this batch whose parts are now all here and that have not come to their
-- end before (a file that failed may still come to a better one): one row a part. Parts of another plan never complete a file.
with complete as (
    select
        recorded.file_id,
        recorded.plan_id
    from ops.file_parts as recorded
    where recorded.file_id in (select staged.file_id from stage_parts as staged)
    group by
        recorded.file_id,
        recorded.plan_id
    having count(distinct recorded.part) = max(recorded.parts)
)

select part.message
from complete
inner join ops.file_parts as part
    on part.file_id = complete.file_id
    and part.plan_id = complete.plan_id
left join ops.files as ended
    on ended.file_id = complete.file_id
    and ended.outcome <> 'failed'
where ended.file_id is null
order by
    part.file_id,
    part.plan_id,
    part.part;
