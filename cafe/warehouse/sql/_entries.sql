-- How each statement begins that returns entries of the ledger. An order that a file takes away is counted at the file that
-- had it, so a correction finds its own there.
select
    f.file_id,
    f.source_key,
    f.sent_by,
    f.version_id,
    f.last_modified,
    f.size_bytes,
    f.outcome,
    f.reason,
    f.detail,
    f.dialect,
    f.is_live,
    f.replaced_by,
    f.rows_in,
    f.rows_loaded,
    f.rows_duplicate,
    f.rows_superseded,
    f.rows_rejected,
    f.rows_removed,
    f.amount_accepted,
    f.amount_loaded,
    f.recorded_at,
    cast(coalesce(taken.orders, 0) as bigint) as rows_taken_away,
    cast(coalesce(taken.amount, 0) as decimal(14, 2)) as amount_taken_away
from ops.files as f
left join (
    select
        replaced.replaced_by as file_id,
        sum(replaced.rows_removed) as orders,
        sum(replaced.amount_removed) as amount
    from ops.files as replaced
    where replaced.rows_removed > 0
    group by replaced.replaced_by
) as taken
    on taken.file_id = f.file_id
