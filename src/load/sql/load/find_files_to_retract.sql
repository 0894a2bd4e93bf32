-- The live and the held files of a key, to retire without a replacement.
insert into retired_files (file_id, replaced_by)
select
    live.file_id,
    '' as replaced_by
from ops.files as live
where (live.is_live or live.outcome = 'held')
    and live.source_key = %s;
