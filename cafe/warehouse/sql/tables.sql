-- The tables and views of the warehouse. Read by `cafe sql --tables`.
-- Grain: one row per table or view, by schema and name.
select
    cast(t.table_schema as varchar(127)) as "schema",
    cast(t.table_name as varchar(127)) as "table",
    case
        when t.table_type = 'VIEW' then 'view'
        else 'table'
    end as kind
from information_schema.tables as t
where t.table_schema in ('core', 'fact', 'mart', 'ops')
order by
    1,
    2
