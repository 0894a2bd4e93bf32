-- Files whose accepted pounds do not add up: those loaded, known before, or come too late. Empty is right.
select
    file_id,
    source_key,
    amount_accepted,
    amount_loaded + amount_duplicate + amount_superseded as amount_accounted
from ops.files
where amount_accepted <> amount_loaded + amount_duplicate + amount_superseded;
