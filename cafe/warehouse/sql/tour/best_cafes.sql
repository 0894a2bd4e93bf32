-- The five cafés with the highest takings. Read by `cafe demo`. Grain: one row a branch; amounts in pounds.
select
    b.branch_name as café,
    count(*) as orders,
    sum(o.total_amount) as takings,
    cast(sum(o.total_amount) / count(*) as decimal(10, 2)) as "average spend"
from core.orders as o
inner join core.branches as b
    on b.branch_id = o.branch_id
group by b.branch_name
order by
    takings desc,
    café
limit 5
