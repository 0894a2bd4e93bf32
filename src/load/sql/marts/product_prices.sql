-- Which prices were charged for a product on each day, and which one was usual?
-- Grain: a day, product, size, flavour and price. Units: pounds, before discounts; items. The usual price is the one at which most items
-- were sold that day in all cafés; of two such prices, the higher.
create view mart.product_prices as
select
    prices.day,
    products.product_name as product,
    products.size,
    products.flavour,
    prices.unit_price,
    prices.sold,
    first_value(prices.unit_price) over (
        partition by prices.day, prices.product_id
        order by prices.sold desc, prices.unit_price desc
        rows between unbounded preceding and unbounded following
    ) as usual_price
from (
    select
        sold.day,
        sold.product_id,
        sold.unit_price,
        sum(sold.quantity) as sold
    from fact.items_sold as sold
    group by
        sold.day,
        sold.product_id,
        sold.unit_price
) as prices
inner join core.products as products
    on products.product_id = prices.product_id;
