-- How old the newest sale of each café is, the stalest first.
select
    freshness.cafe,
    freshness.last_sale_at,
    freshness.hours_since_last_sale
from mart.cafe_freshness as freshness
order by
    freshness.last_sale_at,
    freshness.cafe
