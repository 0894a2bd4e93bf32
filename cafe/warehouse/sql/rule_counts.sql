-- How many rows each rule rejected, by file. Read by `cafe drop --wait`.
-- Grain: one row per file and rule. :files contains file ids between bars: |id|id|.
select
    r.file_id,
    r.rule,
    count(*) as rejects
from ops.rejects as r
where strpos(cast(:files as varchar(65535)), '|' || r.file_id || '|') > 0
group by
    r.file_id,
    r.rule
order by
    r.file_id asc,
    rejects desc,
    r.rule asc
