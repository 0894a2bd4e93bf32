-- What sorts the versions of one key, as text: the second in which S3 wrote it, its place in that second, and the time of
-- its re-extract, if it was extracted again after the rules were fixed.
alter table ops.files add column version_order varchar(64) default '' encode zstd not null;

update ops.files
set version_order = to_char(last_modified, 'YYYY-MM-DD') || 'T' || to_char(last_modified, 'HH24:MI:SS') || 'Z 0000';
