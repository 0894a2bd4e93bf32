-- The isolation level of a database: Serializable or Snapshot Isolation. Grain: one row, or none for an unknown name.
select trim(levels.isolation_level) as isolation_level
from stv_db_isolation_level as levels
where trim(levels.db_name) = %s;
