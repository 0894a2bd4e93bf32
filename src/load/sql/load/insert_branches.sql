-- Branches that are new. All staged rows of one id have the same name, so any of them serves.
insert into core.branches (branch_id, branch_name)
select
    staged.id,
    min(staged.name)
from stage_dimensions as staged
left join core.branches as known
    on known.branch_id = staged.id
where staged.kind = 'branch'
    and known.branch_id is null
    and staged.id in (select orders.branch_id from stage_orders as orders)
group by staged.id;
