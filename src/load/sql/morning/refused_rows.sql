-- Which rules refused rows of the files that were loaded since a moment and still count? Read by the morning mail.
-- Grain: a sender and rule. Units: rows as the branch wrote them. The rows of a file that was rejected whole are left out.
select
    files.sender,
    rejects.rule,
    count(*) as refused
from ops.files as files
inner join ops.rejects as rejects
    on rejects.file_id = files.file_id
where files.recorded_at >= cast(%s as timestamp)
    and files.is_live
group by
    files.sender,
    rejects.rule
order by
    files.sender asc,
    refused desc,
    rejects.rule asc;
