-- The views in schema mart as the warehouse prints them. Read by `cafe status`. Grain: one row a view.
select
    v.viewname as name,
    v.definition
from pg_views as v
where v.schemaname = 'mart'
order by v.viewname
