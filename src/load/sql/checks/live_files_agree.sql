-- Café-days on which two live files disagree (sql/marts/disagreeing_files.sql). Retract the file that is wrong.
-- Returns no row if all is well.
select
    disagreeing.cafe,
    disagreeing.day,
    disagreeing.key,
    disagreeing.other_key
from mart.disagreeing_files as disagreeing;
