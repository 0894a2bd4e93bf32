-- Hold a correction: nothing of it counts until a person approves it.
update stage_files
set outcome = 'held',
    reason = %s,
    detail = %s
where file_id = %s;
