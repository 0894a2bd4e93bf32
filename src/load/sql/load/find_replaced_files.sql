-- Live files whose place a newer version takes that ends in this transaction and states an order. A version that states
-- none takes nobody's place: sales do not vanish because a spreadsheet spoiled every date of their correction.
insert into retired_files (file_id, replaced_by)
select
    live.file_id,
    newer.file_id as replaced_by
from ops.files as live
inner join stage_files as newer
    on newer.source_bucket = live.source_bucket
    and newer.source_key = live.source_key
    and newer.version_order > live.version_order
where live.is_live
    and newer.outcome = 'loaded'
    and newer.rows_accepted > 0;
