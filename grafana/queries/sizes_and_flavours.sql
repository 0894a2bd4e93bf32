-- Items sold by flavour and size, over all products of the chosen cafés; the first row has all flavours.
with sold as (
    select
        case sales.flavour when '' then 'No flavour' else sales.flavour end as flavour,
        sum(sales.sold) as sold,
        sum(case sales.size when 'Large' then sales.sold end) as large,
        sum(case sales.size when 'Regular' then sales.sold end) as regular,
        sum(case when sales.size not in ('Large', 'Regular') then sales.sold end) as one_size
    from mart.product_day_sales as sales
    where $__timeFilter(sales.day)
        and (0 in (${cafe:csv}) or sales.branch_id in (${cafe:csv}))
    group by sales.flavour
),

lines as (
    select
        0 as place,
        'All' as flavour,
        sum(sold.sold) as sold,
        sum(sold.large) as large,
        sum(sold.regular) as regular,
        sum(sold.one_size) as one_size
    from sold
    union all
    select
        1 as place,
        sold.flavour,
        sold.sold,
        sold.large,
        sold.regular,
        sold.one_size
    from sold
)

select
    lines.flavour,
    lines.sold,
    lines.large,
    lines.regular,
    lines.one_size
from lines
where lines.sold > 0
order by
    lines.place,
    lines.sold desc,
    lines.flavour
