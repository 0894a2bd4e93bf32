-- Which files need somebody? Those rejected or failed since a moment, unless a later version came, and all that are held.
-- Read by the morning mail. Grain: a sender, outcome and reason. Units: versions of branch files.
select
    newest.sender,
    newest.outcome,
    newest.reason,
    count(*) as files
from (
    select
        files.sender,
        files.outcome,
        files.reason,
        row_number() over (
            partition by files.document
            order by files.recorded_at desc, files.file_id desc
        ) as place
    from ops.files as files
    where files.recorded_at >= cast(%s as timestamp)
        and files.outcome <> 'held'
) as newest
where newest.place = 1
    and newest.outcome in ('rejected', 'failed')
group by
    newest.sender,
    newest.outcome,
    newest.reason

union all

select
    held.sender,
    held.outcome,
    held.reason,
    count(*) as files
from ops.files as held
where held.outcome = 'held'
group by
    held.sender,
    held.outcome,
    held.reason
order by
    sender,
    outcome,
    reason;
