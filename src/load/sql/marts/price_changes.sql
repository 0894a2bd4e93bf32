-- When did a product become dearer or cheaper? Its usual price of a day against that of the last day on which it sold.
-- Grain: a day, product, size and flavour whose usual price changed. Units: pounds; `price` applies from that day on.
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
