-- Days on which the usual price of a product differs from that of the last day before on which it sold. The difference is
-- a text, because Grafana would print £-0.45.
select
    changes.day,
    changes.product,
    changes.size,
    changes.flavour,
    changes.price_before,
    changes.price,
    case when changes.difference < 0 then '-' else '' end || '£'
        || trim(to_char(abs(changes.difference), '999,999,990.00')) as difference
from mart.price_changes as changes
where $__timeFilter(changes.day)
order by
    changes.day desc,
    changes.product,
    changes.size,
    changes.flavour
