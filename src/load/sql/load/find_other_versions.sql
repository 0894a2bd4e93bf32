-- Findings about the staged files: other versions of a file's document in the ledger. Nearly always none.
-- Grain: one row a file and other version.
select
    case
        when other.version_order > staged.version_order then 'newer version'
        when other.outcome = 'held' then 'held version'
        else 'older version'
    end as finding,
    cast(staged.file_id as varchar(32)) as id,
    1 as found,
    0 as pence
from stage_files as staged
inner join ops.files as other
    on other.source_bucket = staged.source_bucket
    and other.document = staged.document
    and other.version_order <> staged.version_order;
