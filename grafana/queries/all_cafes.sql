-- The choices of the variable: every café that has ever sold.
select freshness.cafe
from mart.cafe_freshness as freshness
order by freshness.cafe
