-- Files whose accepted pounds are not those loaded, duplicate and superseded together. Held files are left out.
-- Returns no row if all is well.
select
    file_id,
    source_key,
    amount_accepted,
    amount_loaded + amount_duplicate + amount_superseded as amount_accounted
from ops.files
where outcome <> 'held'
    and amount_accepted <> amount_loaded + amount_duplicate + amount_superseded;
