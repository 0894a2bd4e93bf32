-- The revision of the marts as they were last created. Grain: one row; none in a warehouse without marts.
select revision
from ops.marts;
