-- What all cafés charge for each product, size and flavour: the usual price on the last day on which it sold, and the
-- lowest and the highest price of the period.
with prices as (
    select
        products.product,
        products.size,
        products.flavour,
        products.day,
        products.unit_price,
        products.usual_price,
        products.sold,
        max(products.day) over (partition by products.product, products.size, products.flavour) as last_day
    from mart.product_prices as products
    where $__timeFilter(products.day)
)

select
    prices.product,
    prices.size,
    prices.flavour,
    max(case when prices.day = prices.last_day then prices.usual_price end) as usual_price,
    min(prices.unit_price) as lowest_price,
    max(prices.unit_price) as highest_price,
    sum(prices.sold) as sold
from prices
group by
    prices.product,
    prices.size,
    prices.flavour
order by
    sum(prices.sold) desc,
    prices.product,
    prices.size,
    prices.flavour
