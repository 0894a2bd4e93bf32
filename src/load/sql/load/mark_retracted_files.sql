-- Record in the ledger why the files are no longer live.
update ops.files
set outcome = 'retracted'
from retired_files as retired
where ops.files.file_id = retired.file_id;
