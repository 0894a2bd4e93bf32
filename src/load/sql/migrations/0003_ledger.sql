-- The ledger: what arrived, its outcome, and which file states which order. Times are UTC.

-- One row a part of a file that arrived. Key: file_id, plan_id, part. `message` is transform's message, from
-- which the file's row is built.
create table ops.file_parts (
    file_id char(32) not null encode zstd,
    plan_id varchar(32) not null encode zstd,
    part integer not null encode az64,
    parts integer not null encode az64,
    message varchar(4096) not null encode zstd,
    arrived_at timestamp not null default sysdate encode az64
)
diststyle key
distkey (file_id)
sortkey (arrived_at);

-- One row a file version that is complete. Key: file_id. Rows are orders as the branch wrote them:
-- rows_in = rows_loaded + rows_duplicate + rows_superseded + rows_rejected.
-- lines_in = order_lines + continuation_lines + header_lines + blank_lines + rejected_lines.
-- Amounts are pounds, of accepted orders: amount_accepted = amount_loaded + amount_duplicate.
create table ops.files (
    file_id char(32) not null encode zstd,
    plan_id varchar(32) not null encode zstd,
    source_bucket varchar(63) not null encode zstd,
    source_key varchar(1024) not null encode zstd,
    version_id varchar(128) not null encode zstd,
    last_modified timestamp not null encode az64,
    size_bytes bigint not null encode az64,
    outcome varchar(16) not null encode bytedict,
    reason varchar(64) not null encode zstd,
    detail varchar(400) not null encode zstd,
    dialect varchar(64) not null encode zstd,
    is_live boolean not null encode zstd,
    parts integer not null encode az64,
    lines_in bigint not null encode az64,
    order_lines bigint not null encode az64,
    continuation_lines bigint not null encode az64,
    header_lines bigint not null encode az64,
    blank_lines bigint not null encode az64,
    rejected_lines bigint not null encode az64,
    rows_in bigint not null encode az64,
    rows_loaded bigint not null encode az64,
    rows_duplicate bigint not null encode az64,
    rows_superseded bigint not null encode az64,
    rows_rejected bigint not null encode az64,
    amount_accepted decimal(14, 2) not null encode az64,
    amount_loaded decimal(14, 2) not null encode az64,
    amount_duplicate decimal(14, 2) not null encode az64,
    recorded_at timestamp not null default sysdate encode az64
)
diststyle key
distkey (file_id)
sortkey (recorded_at);

-- One row an order and file that states it: an order lives while a live file claims it. Key: order_id, file_id. In the
-- order of loading, as core.order_items.
create table ops.order_claims (
    order_id char(32) not null encode raw,
    file_id char(32) not null encode zstd
)
diststyle key
distkey (order_id);

-- One row a refused row of a file. Key: file_id, line_number. `detail` names a position, never a value.
create table ops.rejects (
    file_id char(32) not null encode zstd,
    line_number bigint not null encode az64,
    stage varchar(16) not null encode bytedict,
    rule varchar(40) not null encode bytedict,
    detail varchar(200) not null encode zstd
)
diststyle key
distkey (file_id);
