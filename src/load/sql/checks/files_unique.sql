-- File versions that are in the ledger more than once.
-- Returns no row if all is well.
select
    file_id,
    count(*) as copies
from ops.files
group by file_id
having count(*) > 1;
