-- Findings about the staged rows: branches and products whose id is that of two in this batch, or of another one in the
-- warehouse. Grain: one row each; no row is right. Of orders, see find_known_orders and find_repeated_collisions.
select
    'branch collides' as finding,
    cast(staged.id as varchar(32)) as id,
    1 as found,
    0 as pence
from stage_dimensions as staged
left join core.branches as known
    on known.branch_id = staged.id
where staged.kind = 'branch'
group by staged.id
having min(staged.name) <> max(staged.name)
    or min(case when known.written_as = '' then known.branch_name else known.written_as end) <> min(staged.name)

union all

select
    'product collides' as finding,
    cast(staged.id as varchar(32)) as id,
    1 as found,
    0 as pence
from stage_dimensions as staged
left join core.products as known
    on known.product_id = staged.id
where staged.kind = 'product'
group by staged.id
having min(staged.name) <> max(staged.name)
    or min(staged.size) <> max(staged.size)
    or min(staged.flavour) <> max(staged.flavour)
    or min(known.product_name) <> min(staged.name)
    or min(known.size) <> min(staged.size)
    or min(known.flavour) <> min(staged.flavour);
