-- Café-days on which two live files disagree: they share orders, and one of them states an order of that day that the
-- other does not. So looks a correction under another key, which cannot be told from a new file. Empty is right;
-- retract the file that is wrong.
with stated as (
    select
        claims.file_id,
        orders.branch_id,
        cast(orders.ordered_at as date) as day,
        count(*) as orders
    from ops.order_claims as claims
    inner join ops.files as files
        on files.file_id = claims.file_id
        and files.is_live
    inner join core.orders as orders
        on orders.order_id = claims.order_id
    group by
        claims.file_id,
        orders.branch_id,
        cast(orders.ordered_at as date)
),

shared as (
    select
        one.file_id,
        other.file_id as other_file_id,
        orders.branch_id,
        cast(orders.ordered_at as date) as day,
        count(*) as orders
    from ops.order_claims as one
    inner join ops.order_claims as other
        on other.order_id = one.order_id
        and other.file_id > one.file_id
    inner join core.orders as orders
        on orders.order_id = one.order_id
    group by
        one.file_id,
        other.file_id,
        orders.branch_id,
        cast(orders.ordered_at as date)
)

select
    shared.branch_id,
    shared.day,
    shared.file_id,
    shared.other_file_id
from shared
inner join stated as one
    on one.file_id = shared.file_id
    and one.branch_id = shared.branch_id
    and one.day = shared.day
inner join stated as other
    on other.file_id = shared.other_file_id
    and other.branch_id = shared.branch_id
    and other.day = shared.day
where shared.orders < one.orders
    or shared.orders < other.orders;
