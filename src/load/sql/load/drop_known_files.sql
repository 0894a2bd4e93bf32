-- Leave out the staged files that are in the ledger already: a failure never replaces an outcome.
delete from stage_files
where file_id in (select known.file_id from ops.files as known);
