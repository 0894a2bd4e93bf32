-- How many orders each file of this transaction removed, by replacing the file that had them. Grain: one row a file.
select
    retired.replaced_by as file_id,
    count(*) as orders
from retired_orders as removed
inner join retired_files as retired
    on retired.file_id = removed.file_id
group by retired.replaced_by;
