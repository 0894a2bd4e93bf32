-- What each retracted file removed. Grain: one row a file. Amounts in pence.
select
    files.file_id,
    files.rows_removed,
    cast(files.amount_removed * 100 as bigint) as pence_removed
from ops.files as files
inner join retired_files as retired
    on retired.file_id = files.file_id;
