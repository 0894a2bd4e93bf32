-- Products that are new, of accepted orders only: the items of a refused order never become products.
insert into core.products (product_id, product_name, size, flavour)
select
    staged.id,
    min(staged.name),
    min(staged.size),
    min(staged.flavour)
from stage_dimensions as staged
left join core.products as known
    on known.product_id = staged.id
where staged.kind = 'product'
    and known.product_id is null
    and staged.id in (select items.product_id from stage_order_items as items)
group by staged.id;
