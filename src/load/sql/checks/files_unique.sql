-- File versions that came to their end more than once. Empty is right.
select
    file_id,
    count(*) as copies
from ops.files
group by file_id
having count(*) > 1;
