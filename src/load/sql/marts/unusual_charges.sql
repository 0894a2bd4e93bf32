-- Where did a café charge another price than the usual one of that day?
-- Grain: a café, day, product, size, flavour and price. Units: pounds, before discounts; items. A negative difference: too little was
-- charged.
create view mart.unusual_charges as
select
    branches.branch_id,
    branches.branch_name as cafe,
    charges.day,
    products.product_name as product,
    products.size,
    products.flavour,
    charges.unit_price,
    charges.usual_price,
    charges.sold,
    charges.sold * (charges.unit_price - charges.usual_price) as difference
from (
    select
        prices.branch_id,
        prices.day,
        prices.product_id,
        prices.unit_price,
        prices.sold,
        first_value(prices.unit_price) over (
            partition by prices.day, prices.product_id
            order by prices.sold_in_all desc, prices.unit_price desc
            rows between unbounded preceding and unbounded following
        ) as usual_price
    from (
        select
            sold.branch_id,
            sold.day,
            sold.product_id,
            sold.unit_price,
            sum(sold.quantity) as sold,
            sum(sum(sold.quantity)) over (
                partition by sold.day, sold.product_id, sold.unit_price
            ) as sold_in_all
        from fact.items_sold as sold
        group by
            sold.branch_id,
            sold.day,
            sold.product_id,
            sold.unit_price
    ) as prices
) as charges
inner join core.products as products
    on products.product_id = charges.product_id
inner join core.branches as branches
    on branches.branch_id = charges.branch_id
where charges.unit_price <> charges.usual_price;
