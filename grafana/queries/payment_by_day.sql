-- Revenue by card, in cash and any other way, by day, in the chosen cafés.
select
    payments.day as "time",
    sum(case payments.payment when 'CARD' then payments.revenue else 0 end) as card,
    sum(case payments.payment when 'CASH' then payments.revenue else 0 end) as cash,
    sum(case when payments.payment in ('CARD', 'CASH') then 0 else payments.revenue end) as other
from mart.payment_mix as payments
where $__timeFilter(payments.day)
    and (0 in (${cafe:csv}) or payments.branch_id in (${cafe:csv}))
group by payments.day
order by payments.day
