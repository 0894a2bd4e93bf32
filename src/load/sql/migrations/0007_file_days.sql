-- Which café-days a file is about. Claims tell it too, but only together with all orders of all years. sql/repair fills it.

-- One row a file, café and day of which it states an order. It outlives the file's being live.
create table ops.file_days (
    file_id char(32) not null encode zstd,
    branch_id bigint not null encode az64,
    day timestamp not null encode az64,
    orders bigint not null encode az64,
    primary key (file_id, branch_id, day)
)
diststyle all
sortkey (day);
