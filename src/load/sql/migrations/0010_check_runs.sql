-- What the checks found, so that `cafe status` knows without running them again, and what a mart was created as.

-- One row a run of the checks. Key: checked_at. `files` counts the ledger before the run: a file that came later was not
-- checked. `found` is JSON: how many rows each check found, without the checks that found none.
create table ops.check_runs (
    checked_at timestamp not null default sysdate encode az64,
    checks integer not null encode az64,
    files bigint not null encode az64,
    found varchar(4096) not null encode zstd
)
diststyle all
sortkey (checked_at);

-- A hash of the view as the warehouse prints it; empty in rows from before, and in that of the grants.
alter table ops.marts add column definition varchar(32) default '' encode zstd not null;
