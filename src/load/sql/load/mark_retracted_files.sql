-- Say in the ledger why they are not live any more.
update ops.files
set outcome = 'retracted'
from retired_files as ended
where ops.files.file_id = ended.file_id;
