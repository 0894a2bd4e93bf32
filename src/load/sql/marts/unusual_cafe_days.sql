-- On which days did a café have less than half of its usual orders, or more than twice as many? A file may be
-- incomplete or doubled.
-- Grain: a café and complete day of the last 60. Units: orders.
create view mart.unusual_cafe_days as
select
    expected.branch_id,
    expected.cafe,
    expected.day,
    expected.usual_orders,
    expected.orders
from mart.expected_cafe_days as expected
where expected.day < date_trunc('day', getdate())
    and expected.orders > 0
    and (expected.orders * 2 < expected.usual_orders or expected.orders > expected.usual_orders * 2);
