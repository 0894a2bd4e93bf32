-- Rejects of a file of this batch from before it was removed from the ledger by hand: COPY brings them again.
delete from ops.rejects
where file_id in (select staged.file_id from stage_files as staged);
