-- Whether there are marts, also in a warehouse from before they were recorded by name. Grain: one row if there are.
select 1 as marts
from ops.marts
limit 1;
