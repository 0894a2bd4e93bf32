-- How many days since :first have sales, and the newest of them. Read by `cafe dashboards preview --fill`. Grain: one row.
select
    count(distinct s.day) as days,
    cast(max(s.day) as date) as newest
from mart.cafe_day_sales as s
where s.day >= cast(:first as date)
