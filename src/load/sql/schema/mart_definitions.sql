-- What the marts were created as: a hash of each view as the warehouse printed it then. Grain: one row a mart.
select
    name,
    definition
from ops.marts
where name <> '_grant';
