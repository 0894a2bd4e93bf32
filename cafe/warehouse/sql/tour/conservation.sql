-- The rows and amounts that came in, and their outcomes, over all files of the ledger. Read by `cafe demo`.
-- Grain: one row. Rows are orders as the branches wrote them; amounts in pounds, of accepted orders.
-- That of the items is less the discounts.
select
    count(*) as files,
    sum(f.rows_in) as rows_in,
    sum(f.rows_loaded) as rows_loaded,
    sum(f.rows_duplicate) as rows_duplicate,
    sum(f.rows_superseded) as rows_superseded,
    sum(f.rows_rejected) as rows_rejected,
    sum(f.amount_loaded - f.amount_removed) as ledger_amount,
    (select sum(o.total_amount) from core.orders as o) as orders_amount,
    (select sum(i.unit_price * i.quantity) from core.order_items as i)
        - (select sum(o.discount) from core.orders as o) as items_amount
from ops.files as f
