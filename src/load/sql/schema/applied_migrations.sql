-- The versions of the migrations that were applied. Grain: one row a migration.
select version
from ops.schema_migrations;
