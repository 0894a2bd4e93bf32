-- The choices of the variable cafe: every café that has ever sold, its id as the value and its name as the label. Before
-- the first sale one choice that is no café, because a query with an empty list is not valid. The id is a text: a browser
-- would round a number of 63 bits.
with cafes as (
    select
        freshness.branch_id,
        freshness.cafe
    from mart.cafe_freshness as freshness
)

select
    cast(cafes.branch_id as varchar) as "value",
    cafes.cafe as "text"
from cafes
union all
select
    '-1' as "value",
    'No café has sold yet' as "text"
from (select count(*) as cafes from cafes) as known
where known.cafes = 0
order by "text"
