-- Where was something charged that is not the usual price?
-- Grain: a café, day, product, size, flavour and price. Units: pounds; items. A negative difference was charged too little.
create view mart.unusual_charges as
select
    branches.branch_name as cafe,
    date_trunc('day', orders.ordered_at) as day,
    prices.product,
    prices.size,
    prices.flavour,
    prices.unit_price,
    prices.usual_price,
    sum(items.quantity) as sold,
    sum(items.quantity * (prices.unit_price - prices.usual_price)) as difference
from mart.product_prices as prices
inner join core.products as products
    on products.product_name = prices.product
    and products.size = prices.size
    and products.flavour = prices.flavour
inner join core.order_items as items
    on items.product_id = products.product_id
    and items.unit_price = prices.unit_price
inner join core.orders as orders
    on orders.order_id = items.order_id
inner join core.branches as branches
    on branches.branch_id = orders.branch_id
where prices.unit_price <> prices.usual_price
group by
    branches.branch_name,
    date_trunc('day', orders.ordered_at),
    prices.product,
    prices.size,
    prices.flavour,
    prices.unit_price,
    prices.usual_price;
