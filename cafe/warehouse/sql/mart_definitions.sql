-- What load created the marts as: a hash of each view. Read by `cafe status`. Grain: one row a mart.
select
    m.name,
    m.definition
from ops.marts as m
where m.name <> '_grant'
order by m.name
