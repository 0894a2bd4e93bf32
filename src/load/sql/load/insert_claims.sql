-- Which file states which order, known orders too. A file is completed once, so its claims are new.
insert into ops.order_claims (order_id, file_id)
select
    staged.order_id,
    staged.file_id
from stage_orders as staged;
