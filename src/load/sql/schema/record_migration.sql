-- Record that a migration was applied: its version and its name.
insert into ops.schema_migrations (version, name)
values (%s, %s);
