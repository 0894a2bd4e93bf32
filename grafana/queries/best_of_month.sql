-- The product that each café sold most of in a month, and the one that it sold least of. Of products with the same
-- number, the last by name.
with ranks as (
    select
        products.month,
        products.branch_id,
        products.cafe,
        products.product,
        products.sold,
        products.place,
        max(products.place) over (partition by products.month, products.branch_id) as last_place
    from mart.product_ranks as products
    where products.month >= date_trunc('month', cast($__timeFrom() as timestamp))
        and products.month <= cast($__timeTo() as timestamp)
        and (0 in (${cafe:csv}) or products.branch_id in (${cafe:csv}))
)

select
    cast(ranks.branch_id as varchar) as branch_id,
    ranks.cafe,
    ranks.month,
    max(case when ranks.place = 1 then ranks.product end) as best_product,
    max(case when ranks.place = 1 then ranks.sold end) as best_sold,
    max(case when ranks.place = ranks.last_place then ranks.product end) as worst_product,
    min(ranks.sold) as worst_sold
from ranks
group by
    ranks.month,
    ranks.branch_id,
    ranks.cafe
order by
    ranks.month desc,
    ranks.cafe
