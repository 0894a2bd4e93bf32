-- The live files that a held correction would have replaced stay.
delete from retired_files
where replaced_by in (select files.file_id from stage_files as files where files.outcome = 'held');
