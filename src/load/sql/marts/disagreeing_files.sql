-- On which café-days do two live files disagree? They share orders, and one states an order of that day that the other
-- does not: so looks a correction under another key, which cannot be told from a new file.
-- Grain: a café, day and pair of files. Units: none; retract the file that is wrong.
create view mart.disagreeing_files as
-- Of two files that share an order, the one that load met later found it there: only such files are looked at.
with repeating as (
    select files.file_id
    from ops.files as files
    where files.is_live
        and files.rows_duplicate > 0
),

shared as (
    select
        least(one.file_id, other.file_id) as file_id,
        greatest(one.file_id, other.file_id) as other_file_id,
        orders.branch_id,
        date_trunc('day', orders.ordered_at) as day,
        count(distinct other.order_id) as orders
    from ops.order_claims as other
    inner join repeating
        on repeating.file_id = other.file_id
    inner join ops.order_claims as one
        on one.order_id = other.order_id
        and one.file_id <> other.file_id
    inner join ops.files as one_file
        on one_file.file_id = one.file_id
        and one_file.is_live
    inner join core.orders as orders
        on orders.order_id = other.order_id
    group by
        least(one.file_id, other.file_id),
        greatest(one.file_id, other.file_id),
        orders.branch_id,
        date_trunc('day', orders.ordered_at)
),

stated as (
    select
        claims.file_id,
        orders.branch_id,
        date_trunc('day', orders.ordered_at) as day,
        count(*) as orders
    from ops.order_claims as claims
    inner join core.orders as orders
        on orders.order_id = claims.order_id
    where claims.file_id in (select shared.file_id from shared union all select shared.other_file_id from shared)
    group by
        claims.file_id,
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
