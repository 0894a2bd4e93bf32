-- How many cafés are due and have not reported, yesterday or today?
-- Grain: one row. Units: cafés.
select count(distinct missing.cafe) as measure
from mart.missing_cafe_days as missing
where missing.day >= dateadd(day, -1, date_trunc('day', getdate()));
