-- Orders that no live file claims, and claims to orders that are missing.
-- Returns no row if all is well.
select
    'order without claim' as problem,
    orders.order_id
from core.orders as orders
left join (
    select claims.order_id
    from ops.order_claims as claims
    inner join ops.files as files
        on files.file_id = claims.file_id
        and files.is_live
    group by claims.order_id
) as claimed
    on claimed.order_id = orders.order_id
where claimed.order_id is null

union all

select
    'claim without order' as problem,
    claims.order_id
from ops.order_claims as claims
inner join ops.files as files
    on files.file_id = claims.file_id
    and files.is_live
left join core.orders as orders
    on orders.order_id = claims.order_id
where orders.order_id is null;
