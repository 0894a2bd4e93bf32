-- The fifty largest differences between what a café charged in total for a product on a day and the usual price.
select
    charges.day,
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
    and charges.cafe in (${cafe:sqlstring})
order by
    abs(charges.difference) desc,
    charges.day desc,
    charges.cafe,
    charges.product
limit 50
