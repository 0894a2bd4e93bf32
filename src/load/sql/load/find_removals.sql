-- What the corrections of this transaction would remove, if all of them were loaded: how many orders the live file has,
-- how many of them nothing would state any more, and how many of those are of a café that the correction does not have.
-- An order that another live file claims stays, unless this transaction replaces that one too.
-- Grain: one row a correction.
select
    retired.replaced_by as file_id,
    count(*) as orders,
    sum(case when stated.order_id is null and living.order_id is null then 1 else 0 end) as removed,
    sum(case when stated.order_id is null and living.order_id is null and own.branch_id is null then 1 else 0 end)
        as removed_of_others
from retired_files as retired
inner join ops.order_claims as claims
    on claims.file_id = retired.file_id
inner join core.orders as known
    on known.order_id = claims.order_id
left join stage_orders as stated
    on stated.order_id = claims.order_id
    and stated.file_id = retired.replaced_by
left join (
    select
        staged.file_id,
        staged.branch_id
    from stage_orders as staged
    group by
        staged.file_id,
        staged.branch_id
) as own
    on own.file_id = retired.replaced_by
    and own.branch_id = known.branch_id
left join (
    select others.order_id
    from ops.order_claims as others
    inner join ops.files as files
        on files.file_id = others.file_id
        and files.is_live
    where files.file_id not in (select leaving.file_id from retired_files as leaving)
    group by others.order_id
) as living
    on living.order_id = claims.order_id
group by retired.replaced_by;
