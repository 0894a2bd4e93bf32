-- The newest sale of each café and its age, the oldest first.
select
    cast(freshness.branch_id as varchar) as branch_id,
    freshness.cafe,
    freshness.last_sale_at,
    freshness.hours_since_last_sale
from mart.cafe_freshness as freshness
order by
    freshness.last_sale_at,
    freshness.cafe
