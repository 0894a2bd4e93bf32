-- Files whose document is not their key without head office's prefix, so that their other versions are overlooked.
-- `cafe migrate` fills it again.
-- Returns no row if all is well.
select
    file_id,
    source_key,
    document
from ops.files
where document <> case
    when left(source_key, 12) = 'head-office/' then substring(source_key, 13)
    else source_key
end;
