-- The keys that tables declare, those of foreign keys first: a key that another refers to cannot be dropped.
-- Grain: one row a key; none in a warehouse that was created after the tables stopped declaring them.
select
    table_schema,
    table_name,
    constraint_name
from information_schema.table_constraints
where table_schema in ('core', 'fact', 'ops')
    and constraint_type in ('PRIMARY KEY', 'FOREIGN KEY', 'UNIQUE')
order by constraint_type;
