-- When did a price rise or fall? The usual price of a day is compared with that of the last earlier day with a sale.
-- Grain: a day, product, size and flavour whose usual price changed. Units: pounds, before discounts; `price` applies from that day on.
create view mart.price_changes as
select
    changes.day,
    changes.product,
    changes.size,
    changes.flavour,
    changes.price_before,
    changes.price,
    changes.price - changes.price_before as difference
from (
    select
        prices.day,
        prices.product,
        prices.size,
        prices.flavour,
        prices.usual_price as price,
        lag(prices.usual_price) over (
            partition by prices.product, prices.size, prices.flavour
            order by prices.day
        ) as price_before
    from mart.product_prices as prices
    where prices.unit_price = prices.usual_price
) as changes
where changes.price <> changes.price_before;
