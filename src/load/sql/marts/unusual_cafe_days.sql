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
where expected.is_unusual;
