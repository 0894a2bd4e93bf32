-- Who sent a file, and of what it is a version. A café's file and head office's of the same name are versions of one
-- document: the newer one replaces the older.

-- The key without head office's prefix. Rows from before get it from sql/repair.
alter table ops.files add column document varchar(1024) default '' encode zstd not null;

-- Whose key it is: a café as the key spells it, 'head-office', or empty for nobody's and for files from before.
alter table ops.files add column sender varchar(1024) default '' encode zstd not null;

-- The principal that S3 names as the sender; empty if it is not known.
alter table ops.files add column sent_by varchar(100) default '' encode zstd not null;

-- The name from which branch_id and order_id are computed, if the café was renamed since; else empty.
alter table core.branches add column written_as varchar(120) default '' encode zstd not null;
