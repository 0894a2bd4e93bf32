-- Live files that a newer version of this transaction replaces, or would replace, if it states an order. A version without orders replaces
-- nothing: sales must not vanish because a spreadsheet spoiled every date of a correction.
insert into retired_files (file_id, replaced_by)
select
    live.file_id,
    newer.file_id as replaced_by
from ops.files as live
inner join stage_files as newer
    on newer.source_bucket = live.source_bucket
    and newer.document = live.document
    and newer.version_order > live.version_order
where live.is_live
    and newer.outcome = 'loaded'
    and newer.rows_accepted > 0;
