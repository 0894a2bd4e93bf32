-- An order that two files state is staged twice with the same items. Leave each of its items once.
insert into stage_items_once (order_id, product_id, unit_price, quantity)
select
    staged.order_id,
    staged.product_id,
    staged.unit_price,
    staged.quantity
from stage_order_items as staged
group by
    staged.order_id,
    staged.product_id,
    staged.unit_price,
    staged.quantity;

delete from stage_order_items;

insert into stage_order_items (order_id, product_id, unit_price, quantity)
select
    once.order_id,
    once.product_id,
    once.unit_price,
    once.quantity
from stage_items_once as once;

delete from stage_items_once;
