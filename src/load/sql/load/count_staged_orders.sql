-- What COPY brought of each file, to be held against what its messages promised. Amounts in pence.
select
    file_id,
    count(*) as orders,
    cast(sum(total_amount) * 100 as bigint) as pence
from stage_orders
group by file_id;
