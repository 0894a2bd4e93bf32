-- The ledger's row of each file that this transaction completes, or records as failed. stage_orders has only new orders
-- left. An accepted order that is not new is a duplicate. A superseded file and one that is held add
-- nothing.
insert into ops.files (
    file_id,
    plan_id,
    source_bucket,
    source_key,
    document,
    sender,
    sent_by,
    version_id,
    last_modified,
    version_order,
    size_bytes,
    outcome,
    reason,
    detail,
    dialect,
    is_live,
    parts,
    lines_in,
    order_lines,
    continuation_lines,
    header_lines,
    blank_lines,
    rejected_lines,
    rows_in,
    rows_loaded,
    rows_duplicate,
    rows_superseded,
    rows_rejected,
    amount_accepted,
    amount_loaded,
    amount_duplicate,
    amount_superseded
)
with loaded as (
    select
        staged.file_id,
        count(*) as orders,
        sum(staged.total_amount) as amount
    from stage_orders as staged
    group by staged.file_id
)

select
    files.file_id,
    files.plan_id,
    files.source_bucket,
    files.source_key,
    files.document,
    files.sender,
    files.sent_by,
    files.version_id,
    files.last_modified,
    files.version_order,
    files.size_bytes,
    files.outcome,
    files.reason,
    files.detail,
    files.dialect,
    files.outcome = 'loaded' as is_live,
    files.parts,
    files.lines_in,
    files.order_lines,
    files.continuation_lines,
    files.header_lines,
    files.blank_lines,
    files.rejected_lines,
    files.rows_in,
    coalesce(loaded.orders, 0) as rows_loaded,
    case when files.outcome in ('superseded', 'held') then 0 else files.rows_accepted - coalesce(loaded.orders, 0) end
        as rows_duplicate,
    case when files.outcome = 'superseded' then files.rows_accepted else 0 end as rows_superseded,
    files.rows_rejected,
    files.amount_accepted,
    coalesce(loaded.amount, 0) as amount_loaded,
    case when files.outcome in ('superseded', 'held') then 0 else files.amount_accepted - coalesce(loaded.amount, 0) end
        as amount_duplicate,
    case when files.outcome = 'superseded' then files.amount_accepted else 0 end as amount_superseded
from stage_files as files
left join loaded
    on loaded.file_id = files.file_id;
