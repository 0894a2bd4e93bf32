-- How old is the newest sale in the warehouse, of any café?
-- Grain: one row. Units: whole hours, by the till's clock against UTC; null in a warehouse without sales.
select min(freshness.hours_since_last_sale) as measure
from mart.cafe_freshness as freshness;
