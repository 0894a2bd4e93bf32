-- Documents of which more than one version that states an order is live.
-- Returns no row if all is well.
select
    source_bucket,
    document,
    count(*) as versions
from ops.files
where is_live
    and rows_in > rows_rejected
group by
    source_bucket,
    document
having count(*) > 1;
