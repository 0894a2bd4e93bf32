-- Sales in third normal form. Redshift enforces no key, and yet believes those that are declared: it would plan a check
-- for doubled rows as if there were none. So no table declares one. The load keeps rows unique, and sql/checks prove it.
-- Times are the till's local time, as printed. Money is pounds.

-- One row a branch that has sold anything. Key: branch_id.
create table core.branches (
    branch_id bigint not null encode az64,
    branch_name varchar(120) not null encode zstd
)
diststyle all;

-- One row a product, size and flavour. Key: product_id. Case matters: "Hot Chocolate" and "Hot chocolate" are two
-- products.
create table core.products (
    product_id bigint not null encode az64,
    product_name varchar(120) not null encode zstd,
    size varchar(20) not null encode bytedict,
    flavour varchar(120) not null encode zstd
)
diststyle all;

-- One row an order. Key: order_id. Sorted by time: dashboards query days, and new orders are looked up within their own
-- days.
create table core.orders (
    order_id char(32) not null encode raw,
    branch_id bigint not null encode az64,
    ordered_at timestamp not null encode raw,
    payment varchar(8) not null encode bytedict,
    total_amount decimal(10, 2) not null encode az64
)
diststyle key
distkey (order_id)
sortkey (ordered_at);

-- One row a product and price within an order. Key: order_id, product_id, unit_price. Rows stay in the order in which they
-- were loaded: sorted by a hash, each load would spread over the whole table.
create table core.order_items (
    order_id char(32) not null encode raw,
    product_id bigint not null encode az64,
    unit_price decimal(8, 2) not null encode az64,
    quantity integer not null encode az64
)
diststyle key
distkey (order_id);
