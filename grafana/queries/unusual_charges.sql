-- The fifty largest differences between what a café charged in total for a product on a day and the usual price. The
-- difference is a text, because Grafana would print £-13.50.
select
    charges.day,
    cast(charges.branch_id as varchar) as branch_id,
    charges.cafe,
    charges.product,
    charges.size,
    charges.flavour,
    charges.usual_price,
    charges.unit_price,
    charges.sold,
    case when charges.difference < 0 then '-' else '' end || '£'
        || trim(to_char(abs(charges.difference), '999,999,990.00')) as difference
from mart.unusual_charges as charges
where $__timeFilter(charges.day)
    and (0 in (${cafe:csv}) or charges.branch_id in (${cafe:csv}))
order by
    abs(charges.difference) desc,
    charges.day desc,
    charges.cafe,
    charges.product
limit 50
