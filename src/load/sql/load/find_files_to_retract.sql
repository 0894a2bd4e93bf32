-- The live and the held files of a key, or only one of the two kinds, to retire without a replacement. Two booleans choose
-- the kinds.
insert into retired_files (file_id, replaced_by)
select
    chosen.file_id,
    '' as replaced_by
from ops.files as chosen
where chosen.source_key = %s
    and (
        (chosen.is_live and cast(%s as boolean))
        or (chosen.outcome = 'held' and cast(%s as boolean))
    );
