-- Which rules refuse rows, in which files?
-- Grain: a version of a branch file, stage and rule. Units: rows refused; UTC.
create view mart.reject_summary as
select
    files.source_key as key,
    rejects.file_id,
    files.recorded_at,
    rejects.stage,
    rejects.rule,
    count(*) as rejects,
    min(rejects.line_number) as first_line
from ops.rejects as rejects
inner join ops.files as files
    on files.file_id = rejects.file_id
group by
    files.source_key,
    rejects.file_id,
    files.recorded_at,
    rejects.stage,
    rejects.rule;
