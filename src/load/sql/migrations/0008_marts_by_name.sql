-- The view, or the file of grants, that a revision in ops.marts belongs to: a change of one mart touches no other. Empty
-- in rows from before.
alter table ops.marts add column name varchar(63) default '' encode zstd not null;
