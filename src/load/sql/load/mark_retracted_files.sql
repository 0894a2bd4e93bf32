-- Record in the ledger why the files are no longer live, or no longer held. No order of a held file ever counted.
update ops.files
set outcome = 'retracted',
    rows_superseded = rows_in - rows_rejected - rows_loaded - rows_duplicate,
    amount_superseded = amount_accepted - amount_loaded - amount_duplicate
from retired_files as retired
where ops.files.file_id = retired.file_id;
