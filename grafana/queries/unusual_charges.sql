-- The fifty largest differences between what a café charged in total for a product on a day and the usual price.
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
    charges.difference
from mart.unusual_charges as charges
where $__timeFilter(charges.day)
    and (0 in (${cafe:csv}) or charges.branch_id in (${cafe:csv}))
order by
    abs(charges.difference) desc,
    charges.day desc,
    charges.cafe,
    charges.product
limit 50
