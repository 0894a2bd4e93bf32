-- What marts of products read. core.order_items does not say when or where an item was sold, so a query over thirty days
-- would have to read the items of all years. This table has both beside each item, and is sorted by day. It is derived:
-- core stays in third normal form, load writes both in one transaction, sql/checks prove them equal, and sql/repair fills
-- it.
create schema if not exists fact;

-- One row a product and price within an order, with the order's branch and day. Key: order_id, product_id, unit_price.
-- Money is pounds.
create table fact.items_sold (
    order_id char(32) not null encode zstd,
    branch_id bigint not null encode az64,
    day timestamp not null encode raw,
    product_id bigint not null encode az64,
    unit_price decimal(8, 2) not null encode az64,
    quantity integer not null encode az64
)
diststyle key
distkey (order_id)
sortkey (day);
