-- Give the staged orders their discounts, which COPY brings in a table of their own: most files have none. An order that
-- two files state is staged twice with one discount.
update stage_orders
set discount = stated.discount
from (
    select
        staged.order_id,
        max(staged.discount) as discount
    from stage_discounts as staged
    group by staged.order_id
) as stated
where stated.order_id = stage_orders.order_id;
