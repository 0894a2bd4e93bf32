-- Branches and products that are in the warehouse more than once, by id or by name.
-- Returns no row if all is well.
select
    'branch' as kind,
    branch_name as name
from core.branches
group by branch_name
having count(*) > 1

union all

select
    'branch' as kind,
    min(branch_name) as name
from core.branches
group by branch_id
having count(*) > 1

union all

select
    'product' as kind,
    product_name as name
from core.products
group by
    product_name,
    size,
    flavour
having count(*) > 1

union all

select
    'product' as kind,
    min(product_name) as name
from core.products
group by product_id
having count(*) > 1;
