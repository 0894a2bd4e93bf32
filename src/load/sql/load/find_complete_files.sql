-- The messages of the files of this batch that are complete: all their parts are here, and the ledger has no outcome of
-- them yet. Grain: one row a part. Parts of different plans never complete a file together; of two complete plans, the
-- later is taken. A file in the ledger as failed or gone may still be loaded.
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
),

chosen as (
    select
        complete.file_id,
        max(complete.plan_id) as plan_id
    from complete
    group by complete.file_id
)

select part.message
from chosen
inner join ops.file_parts as part
    on part.file_id = chosen.file_id
    and part.plan_id = chosen.plan_id
left join ops.files as ledger
    on ledger.file_id = chosen.file_id
    and ledger.outcome <> 'failed'
    and (ledger.plan_id <> 'gone' or chosen.plan_id = 'gone')
where ledger.file_id is null
order by
    part.file_id,
    part.part;
