-- How do customers pay, and how much cash is there to bank?
-- Grain: a café, day and way to pay. Units: pounds. Payments are CARD, CASH and OTHER; CASH is the cash to bank.
create view mart.payment_mix as
select
    branches.branch_id,
    branches.branch_name as cafe,
    date_trunc('day', orders.ordered_at) as day,
    orders.payment,
    count(*) as orders,
    sum(orders.total_amount) as revenue
from core.orders as orders
inner join core.branches as branches
    on branches.branch_id = orders.branch_id
group by
    branches.branch_id,
    branches.branch_name,
    date_trunc('day', orders.ordered_at),
    orders.payment;
