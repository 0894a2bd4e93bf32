-- Record the revision of the marts that were created.
insert into ops.marts (revision)
values (%s);
