-- Days on which the usual price of a product differs from that of the last day before on which it sold.
select
    changes.day,
    changes.product,
    changes.size,
    changes.flavour,
    changes.price_before,
    changes.price,
    changes.difference
from mart.price_changes as changes
where $__timeFilter(changes.day)
order by
    changes.day desc,
    changes.product,
    changes.size,
    changes.flavour
