-- Findings about the orders that are staged more than once: ids of two different orders; orders that one file states twice;
-- orders whose items, each counted once, less the discount are not their total. Grain: one row each; no row is right.
select
    'order collides' as finding,
    cast(staged.order_id as varchar(32)) as id,
    1 as found,
    0 as pence
from stage_orders as staged
group by staged.order_id
having count(*) > 1
    and (
        min(staged.branch_id) <> max(staged.branch_id)
        or min(staged.ordered_at) <> max(staged.ordered_at)
        or min(staged.payment) <> max(staged.payment)
        or min(staged.total_amount) <> max(staged.total_amount)
        or min(staged.discount) <> max(staged.discount)
        or count(*) > count(distinct staged.file_id)
    )

union all

select
    'items collides' as finding,
    cast(staged.order_id as varchar(32)) as id,
    1 as found,
    0 as pence
from (
    select
        order_id,
        min(total_amount + discount) as amount
    from stage_orders
    group by order_id
    having count(*) > 1
) as staged
left join (
    select
        order_id,
        product_id,
        unit_price,
        quantity
    from stage_order_items
    group by
        order_id,
        product_id,
        unit_price,
        quantity
) as items
    on items.order_id = staged.order_id
group by staged.order_id
having min(staged.amount) <> coalesce(sum(items.unit_price * items.quantity), -1);
