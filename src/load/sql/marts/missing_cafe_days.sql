-- Which cafés should have reported and have not?
-- Grain: a café and day of the last 60 that is due. Units: the orders that it usually has on that weekday.
create view mart.missing_cafe_days as
select
    expected.branch_id,
    expected.cafe,
    expected.day,
    expected.usual_orders
from mart.expected_cafe_days as expected
where expected.is_due
    and expected.orders = 0;
