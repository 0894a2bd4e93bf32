-- The five products that sold least. Read by `cafe demo`. Grain: one row a product, sizes and flavours together.
select
    p.product_name as product,
    sum(i.quantity) as sold,
    sum(i.quantity * i.unit_price) as takings
from core.order_items as i
inner join core.products as p
    on p.product_id = i.product_id
group by p.product_name
order by
    sold,
    product
limit 5
