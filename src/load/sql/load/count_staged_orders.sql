-- The orders that COPY brought, to compare with the messages. Grain: one row a file. Amounts in pence.
select
    file_id,
    count(*) as orders,
    cast(sum(total_amount) * 100 as bigint) as pence
from stage_orders
group by file_id;
