-- Record what a mart was created from and as, or which grants were given.
insert into ops.marts (name, revision, definition)
values (%s, %s, %s);
