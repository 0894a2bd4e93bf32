-- Findings about the staged files: other versions of a file's key, in the ledger or in the batch. Nearly always none.
-- Grain: one row a file and other version.
select
    case when other.version_order > staged.version_order then 'newer version' else 'older version' end as finding,
    cast(staged.file_id as varchar(32)) as id,
    1 as found,
    0 as pence
from stage_files as staged
inner join (
    select
        source_bucket,
        source_key,
        version_order
    from ops.files

    union all

    select
        source_bucket,
        source_key,
        version_order
    from stage_files
) as other
    on other.source_bucket = staged.source_bucket
    and other.source_key = staged.source_key
    and other.version_order <> staged.version_order;
