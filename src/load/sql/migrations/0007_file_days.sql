-- The café-days of a file. Claims have them too, but only joined with the orders of all years. sql/repair fills it.

-- One row a file, café and day of which it states an order. Key: file_id, branch_id, day. The row stays when the
-- file is no longer live.
create table ops.file_days (
    file_id char(32) not null encode zstd,
    branch_id bigint not null encode az64,
    day timestamp not null encode az64,
    orders bigint not null encode az64
)
diststyle all
sortkey (day);
