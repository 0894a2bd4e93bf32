-- Show a café under another name. Its ids are computed from the former one, which stays.
update core.branches
set written_as = case when written_as = '' then branch_name else written_as end,
    branch_name = %s
where case when written_as = '' then branch_name else written_as end = %s;
