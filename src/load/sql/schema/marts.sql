-- The marts as they were last created, and the grants as they were last given. Grain: one row a mart, and one for the
-- grants; none in a warehouse without marts.
select
    name,
    revision
from ops.marts;
