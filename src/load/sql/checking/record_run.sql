-- Record a run of the checks: how many there are, how many files the ledger had, and what they found, as JSON.
insert into ops.check_runs (checks, files, found)
values (%s, %s, %s);
