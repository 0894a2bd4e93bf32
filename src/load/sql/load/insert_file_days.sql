-- The café-days of the files of the batch. Grain: one row a file and café-day.
insert into ops.file_days (file_id, branch_id, day, orders)
select
    staged.file_id,
    staged.branch_id,
    date_trunc('day', staged.ordered_at),
    count(*)
from stage_orders as staged
group by
    staged.file_id,
    staged.branch_id,
    date_trunc('day', staged.ordered_at);
