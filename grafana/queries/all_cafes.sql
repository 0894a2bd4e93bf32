-- The choices of the variable cafe: every café that has ever sold.
select freshness.cafe
from mart.cafe_freshness as freshness
order by freshness.cafe
