-- Findings about the staged rows: orders whose branch, and items whose product, are neither in the batch nor in the
-- warehouse, because COPY left them out. Grain: one row a kind; zero is right.
select
    'branch missing' as finding,
    '' as id,
    count(*) as found,
    0 as pence
from stage_orders as staged
left join stage_dimensions as brought
    on brought.id = staged.branch_id
    and brought.kind = 'branch'
left join core.branches as known
    on known.branch_id = staged.branch_id
where brought.id is null
    and known.branch_id is null

union all

select
    'product missing' as finding,
    '' as id,
    count(*) as found,
    0 as pence
from stage_order_items as staged
left join stage_dimensions as brought
    on brought.id = staged.product_id
    and brought.kind = 'product'
left join core.products as known
    on known.product_id = staged.product_id
where brought.id is null
    and known.product_id is null;
