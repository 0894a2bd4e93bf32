-- The role reads marts and nothing else: a view reads with its owner's rights, so its reader needs none on the tables.
grant usage on schema mart to role mart_reader;

grant select on all tables in schema mart to role mart_reader;
