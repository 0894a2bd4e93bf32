-- Café-days on which two live files disagree (sql/marts/disagreeing_files.sql). Empty is right; retract the file that is
-- wrong.
select
    disagreeing.cafe,
    disagreeing.day,
    disagreeing.file_id,
    disagreeing.other_file_id
from mart.disagreeing_files as disagreeing;
