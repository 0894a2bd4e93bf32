-- Findings about the staged rows: branches and products that are new. Grain: one row a kind; nearly always zero.
select
    'branch new' as finding,
    '' as id,
    count(*) as found,
    0 as pence
from stage_dimensions as staged
left join core.branches as known
    on known.branch_id = staged.id
where staged.kind = 'branch'
    and known.branch_id is null

union all

select
    'product new' as finding,
    '' as id,
    count(*) as found,
    0 as pence
from stage_dimensions as staged
left join core.products as known
    on known.product_id = staged.id
where staged.kind = 'product'
    and known.product_id is null;
