-- Every café with its last sale, and the days on which it is expected, since a day. Read by `cafe status`, `cafe watch`.
-- Grain: one row per café and expected day; a café that is not expected has one row without a day. Times are the
-- till's. :since is a day. `is_due`: the day is over, or half of the cafés expected on it have reported.
select
    freshness.cafe,
    freshness.last_sale_at,
    expected.day,
    expected.usual_orders,
    expected.orders,
    expected.is_due
from mart.cafe_freshness as freshness
left join mart.expected_cafe_days as expected
    on expected.cafe = freshness.cafe
    and expected.day >= cast(:since as timestamp)
order by
    expected.day desc,
    freshness.cafe asc
