-- The views in schema mart as the warehouse prints them. Grain: one row a view. It reads the catalogue only: Redshift
-- joins no table of the catalogue with a table of the project.
select
    viewname as name,
    definition
from pg_views
where schemaname = 'mart';
