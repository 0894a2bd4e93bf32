-- Record in the ledger why the files are no longer live.
update ops.files
set outcome = 'retracted'
from retired_files as ended
where ops.files.file_id = ended.file_id;
