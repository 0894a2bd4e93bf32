-- What a correction leaves in the ledger. An older version of a file is replaced by a newer one, or
-- superseded if it arrives after it.

-- Pounds of the orders counted in rows_superseded.
alter table ops.files add column amount_superseded decimal(14, 2) default 0 encode az64 not null;

-- The file version that replaced this one; empty if none did.
alter table ops.files add column replaced_by char(32) default '' encode zstd not null;

-- Orders that left the warehouse when this file ceased to be live, and their pounds.
alter table ops.files add column rows_removed bigint default 0 encode az64 not null;

alter table ops.files add column amount_removed decimal(14, 2) default 0 encode az64 not null;
