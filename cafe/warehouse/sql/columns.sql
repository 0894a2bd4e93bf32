-- The columns of a table or view, given with or without its schema. Read by `cafe sql --describe TABLE`.
-- Grain: one row per column, in the table's order. Sizes of texts are bytes, those of decimals are digits.
select
    cast(c.table_schema as varchar(127)) as "schema",
    cast(c.table_name as varchar(127)) as "table",
    cast(c.column_name as varchar(127)) as "column",
    cast(c.data_type as varchar(127)) as type,
    case
        when c.data_type = 'numeric' then cast(c.numeric_precision as integer)
        else cast(c.character_maximum_length as integer)
    end as size,
    case
        when c.data_type = 'numeric' then cast(c.numeric_scale as integer)
    end as scale,
    cast(c.is_nullable as varchar(3)) as nullable
from information_schema.columns as c
where
    c.table_schema in ('core', 'fact', 'mart', 'ops')
    and (c.table_name = :table or c.table_schema || '.' || c.table_name = :table)
order by
    1,
    2,
    c.ordinal_position
