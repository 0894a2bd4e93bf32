-- Files of this batch whose key has another version in the ledger or in the batch. Nearly always none.
select staged.file_id
from stage_files as staged
inner join (
    select
        file_id,
        source_bucket,
        source_key
    from ops.files

    union all

    select
        file_id,
        source_bucket,
        source_key
    from stage_files
) as other
    on other.source_bucket = staged.source_bucket
    and other.source_key = staged.source_key
    and other.file_id <> staged.file_id;
