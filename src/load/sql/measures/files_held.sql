-- How many files wait for a person's decision?
-- Grain: one row. Units: versions of branch files.
select count(*) as measure
from ops.files
where outcome = 'held';
