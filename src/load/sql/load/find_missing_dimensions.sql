-- Orders whose branch, and items whose product, are neither in the batch nor in the warehouse: COPY left them out.
-- Grain: one row a kind; no row is right.
select
    missing.kind,
    missing.rows_without
from (
    select
        'branch' as kind,
        count(*) as rows_without
    from stage_orders as staged
    left join stage_dimensions as brought
        on brought.id = staged.branch_id
        and brought.kind = 'branch'
    left join core.branches as known
        on known.branch_id = staged.branch_id
    where brought.id is null
        and known.branch_id is null

    union all

    select
        'product' as kind,
        count(*) as rows_without
    from stage_order_items as staged
    left join stage_dimensions as brought
        on brought.id = staged.product_id
        and brought.kind = 'product'
    left join core.products as known
        on known.product_id = staged.product_id
    where brought.id is null
        and known.product_id is null
) as missing
where missing.rows_without > 0;
