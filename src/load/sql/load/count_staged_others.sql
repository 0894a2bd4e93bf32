-- Findings about the staged rows: how many order items, discounts and rejects COPY brought in total. Grain: one row a kind.
select
    'items' as finding,
    '' as id,
    count(*) as found,
    0 as pence
from stage_order_items as staged

union all

select
    'discounts' as finding,
    '' as id,
    count(*) as found,
    0 as pence
from stage_discounts as staged

union all

select
    'rejects' as finding,
    '' as id,
    count(*) as found,
    0 as pence
from ops.rejects as copied
inner join stage_files as files
    on files.file_id = copied.file_id;
