-- A finding about the staged rows: the orders that COPY brought, to compare with the messages.
-- Grain: one row a file. Amounts in pence.
select
    'orders' as finding,
    cast(staged.file_id as varchar(32)) as id,
    count(*) as found,
    cast(sum(staged.total_amount) * 100 as bigint) as pence
from stage_orders as staged
group by staged.file_id;
