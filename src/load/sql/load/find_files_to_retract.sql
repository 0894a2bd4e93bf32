-- The live files of a key, which nothing replaces.
insert into retired_files (file_id, replaced_by)
select
    live.file_id,
    '' as replaced_by
from ops.files as live
where live.is_live
    and live.source_key = %s;
