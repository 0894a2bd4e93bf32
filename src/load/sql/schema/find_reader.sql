-- The role that reads marts, if it exists. CREATE ROLE has no IF NOT EXISTS, and a role outlives the schema it reads.
select role_name
from svv_roles
where role_name = 'mart_reader';
