-- The names of all cafés that have sold: the one in ids, and the one that is shown. Grain: one row a café.
select
    case when written_as = '' then branch_name else written_as end as written_as,
    branch_name
from core.branches;
