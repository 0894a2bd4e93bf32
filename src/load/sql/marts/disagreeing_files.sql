-- On which café-days do two live files disagree? They share orders, and one states an order of that day that the other
-- does not: so looks a correction under another key, which cannot be told from a new file.
-- Grain: a café, day and pair of files. Units: none; retract the file that is wrong.
create view mart.disagreeing_files as
with stated as (
    select
        claims.file_id,
        orders.branch_id,
        date_trunc('day', orders.ordered_at) as day,
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
        date_trunc('day', orders.ordered_at)
),

shared as (
    select
        one.file_id,
        other.file_id as other_file_id,
        orders.branch_id,
        date_trunc('day', orders.ordered_at) as day,
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
        date_trunc('day', orders.ordered_at)
)

select
    branches.branch_name as cafe,
    shared.day,
    one_file.source_key as key,
    other_file.source_key as other_key,
    shared.file_id,
    shared.other_file_id
from shared
inner join core.branches as branches
    on branches.branch_id = shared.branch_id
inner join ops.files as one_file
    on one_file.file_id = shared.file_id
inner join ops.files as other_file
    on other_file.file_id = shared.other_file_id
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
