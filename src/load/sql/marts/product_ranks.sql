-- Which products sell best and worst in each café? Sizes and flavours are merged.
-- Grain: a café, month and product that it sold. Units: items; pounds; place 1 sold most, equal numbers share a place.
create view mart.product_ranks as
select
    sales.branch_id,
    sales.cafe,
    date_trunc('month', sales.day) as month,
    sales.product,
    sum(sales.sold) as sold,
    sum(sales.revenue) as revenue,
    rank() over (
        partition by sales.branch_id, sales.cafe, date_trunc('month', sales.day)
        order by sum(sales.sold) desc
    ) as place
from mart.product_day_sales as sales
group by
    sales.branch_id,
    sales.cafe,
    date_trunc('month', sales.day),
    sales.product;
