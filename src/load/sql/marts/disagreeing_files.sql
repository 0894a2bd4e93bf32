-- On which café-days do two live files disagree? They share orders of that day, and one states an order that the other
-- does not. A correction under another key looks like this: nothing distinguishes it from a new file. Or only one of
-- them names its till, so that their equal orders count twice.
-- Grain: a café, day and pair of files. Units: none; retract the file that is wrong.
create view mart.disagreeing_files as
with live as (
    select
        days.file_id,
        days.branch_id,
        days.day,
        days.orders,
        files.source_key,
        case when '+' || files.dialect || '+' like '%+tills+%' then 1 else 0 end as names_till
    from ops.file_days as days
    inner join ops.files as files
        on files.file_id = days.file_id
        and files.is_live
),

-- Few café-days have two files: only the orders of such files are read.
pairs as (
    select
        one.branch_id,
        one.day,
        one.source_key as key,
        other.source_key as other_key,
        one.file_id,
        other.file_id as other_file_id,
        one.orders,
        other.orders as other_orders,
        one.names_till + other.names_till as files_with_till
    from live as one
    inner join live as other
        on other.branch_id = one.branch_id
        and other.day = one.day
        and other.file_id > one.file_id
),

claims as (
    select
        claims.file_id,
        claims.order_id
    from (
        select distinct files.file_id
        from (
            select pairs.file_id from pairs
            union all
            select pairs.other_file_id from pairs
        ) as files
    ) as files
    inner join ops.order_claims as claims
        on claims.file_id = files.file_id
),

shared as (
    select
        common.file_id,
        common.other_file_id,
        orders.branch_id,
        date_trunc('day', orders.ordered_at) as day,
        count(*) as orders
    from (
        select
            one.file_id,
            other.file_id as other_file_id,
            one.order_id
        from claims as one
        inner join claims as other
            on other.order_id = one.order_id
            and other.file_id > one.file_id
    ) as common
    inner join core.orders as orders
        on orders.order_id = common.order_id
    group by
        common.file_id,
        common.other_file_id,
        orders.branch_id,
        date_trunc('day', orders.ordered_at)
)

select
    branches.branch_id,
    branches.branch_name as cafe,
    pairs.day,
    pairs.key,
    pairs.other_key,
    pairs.file_id,
    pairs.other_file_id
from pairs
left join shared
    on shared.file_id = pairs.file_id
    and shared.other_file_id = pairs.other_file_id
    and shared.branch_id = pairs.branch_id
    and shared.day = pairs.day
inner join core.branches as branches
    on branches.branch_id = pairs.branch_id
where shared.orders < pairs.orders
    or shared.orders < pairs.other_orders
    or pairs.files_with_till = 1;
