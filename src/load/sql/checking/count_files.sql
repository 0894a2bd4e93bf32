-- How many files the ledger has. Grain: one row.
select count(*) as files
from ops.files;
