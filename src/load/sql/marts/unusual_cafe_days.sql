-- Which days are far from what the café usually has: less than half, or more than twice? A file may be short or doubled.
-- Grain: a café and complete day of the last 60. Units: orders.
create view mart.unusual_cafe_days as
select
    expected.cafe,
    expected.day,
    expected.usual_orders,
    expected.orders
from mart.expected_cafe_days as expected
where expected.day < date_trunc('day', getdate())
    and expected.orders > 0
    and (expected.orders * 2 < expected.usual_orders or expected.orders > expected.usual_orders * 2);
