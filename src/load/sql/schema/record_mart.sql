-- Record what a mart was created from, or which grants were given.
insert into ops.marts (name, revision)
values (%s, %s);
