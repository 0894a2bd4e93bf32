-- The role reads marts and nothing else: a view reads with its owner's rights, so its reader needs none on the tables.
-- Redshift may want USAGE on the schemas of those tables all the same. It lets nobody read a table.
grant usage on schema mart to role mart_reader;

grant usage on schema core to role mart_reader;

grant usage on schema fact to role mart_reader;

grant usage on schema ops to role mart_reader;

grant select on all tables in schema mart to role mart_reader;
