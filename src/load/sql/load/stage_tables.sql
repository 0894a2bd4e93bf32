-- The tables that COPY fills; they live as long as the session. Grain: orders and order items as the files state them, so
-- that an order of two files is here twice.

-- Complete files, as their messages describe them. Grain: one row a file.
create temp table stage_files (
    file_id char(32) not null,
    plan_id varchar(32) not null,
    source_bucket varchar(63) not null,
    source_key varchar(1024) not null,
    document varchar(1024) not null,
    sender varchar(1024) not null,
    sent_by varchar(100) not null,
    version_id varchar(128) not null,
    last_modified timestamp not null,
    version_order varchar(64) not null,
    size_bytes bigint not null,
    outcome varchar(16) not null,
    reason varchar(64) not null,
    detail varchar(400) not null,
    dialect varchar(64) not null,
    parts integer not null,
    lines_in bigint not null,
    order_lines bigint not null,
    continuation_lines bigint not null,
    header_lines bigint not null,
    blank_lines bigint not null,
    rejected_lines bigint not null,
    rows_in bigint not null,
    rows_accepted bigint not null,
    rows_rejected bigint not null,
    amount_accepted decimal(14, 2) not null
)
diststyle all;

create temp table stage_orders (
    order_id char(32) not null,
    file_id char(32) not null,
    branch_id bigint not null,
    ordered_at timestamp not null,
    payment varchar(8) not null,
    total_amount decimal(10, 2) not null,
    discount decimal(10, 2) default 0 not null
)
diststyle key
distkey (order_id);

create temp table stage_order_items (
    order_id char(32) not null,
    product_id bigint not null,
    unit_price decimal(8, 2) not null,
    quantity integer not null
)
diststyle key
distkey (order_id);

-- The items of orders that several files state, while they are being reduced to one copy.
create temp table stage_items_once (
    order_id char(32) not null,
    product_id bigint not null,
    unit_price decimal(8, 2) not null,
    quantity integer not null
)
diststyle key
distkey (order_id);

create temp table stage_discounts (
    order_id char(32) not null,
    discount decimal(10, 2) not null
)
diststyle key
distkey (order_id);

create temp table stage_dimensions (
    kind varchar(8) not null,
    id bigint not null,
    name varchar(120) not null,
    size varchar(20) not null,
    flavour varchar(120) not null
)
diststyle all;

-- Files that this transaction makes not live, or would make so, and what replaces them.
create temp table retired_files (
    file_id char(32) not null,
    replaced_by char(32) not null
)
diststyle all;

-- Orders that leave the warehouse with them, each counted for one of the files.
create temp table retired_orders (
    order_id char(32) not null,
    file_id char(32) not null
)
diststyle key
distkey (order_id);
