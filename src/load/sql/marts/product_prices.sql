-- What was charged for a product, when, and which price is the usual one? More than one row of a product is a change.
-- Grain: a product, size, flavour and price. Units: pounds; items. The usual price is that of most items, of two the newer.
create view mart.product_prices as
select
    prices.product,
    prices.size,
    prices.flavour,
    prices.unit_price,
    prices.sold,
    prices.first_sold_at,
    prices.last_sold_at,
    first_value(prices.unit_price) over (
        partition by prices.product, prices.size, prices.flavour
        order by prices.sold desc, prices.last_sold_at desc, prices.unit_price desc
        rows between unbounded preceding and unbounded following
    ) as usual_price
from (
    select
        products.product_name as product,
        products.size,
        products.flavour,
        items.unit_price,
        sum(items.quantity) as sold,
        min(orders.ordered_at) as first_sold_at,
        max(orders.ordered_at) as last_sold_at
    from core.orders as orders
    inner join core.order_items as items
        on items.order_id = orders.order_id
    inner join core.products as products
        on products.product_id = items.product_id
    group by
        products.product_name,
        products.size,
        products.flavour,
        items.unit_price
) as prices;
