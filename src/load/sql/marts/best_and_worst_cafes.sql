-- Which café did best on a day, and which did worst, against its usual revenue of that weekday? A café's usual revenue is
-- the mean of the same weekday in the four weeks before, over the days on which it sold, if these are at least three.
-- Grain: a day of the last 60, today included, on which a café sold. Units: pounds; `change` is a fraction of the usual
-- revenue; `sentence` says it in words.
create view mart.best_and_worst_cafes as
with sales as (
    select
        branches.branch_name as cafe,
        orders.branch_id,
        date_trunc('day', orders.ordered_at) as day,
        sum(orders.total_amount) as revenue
    from core.orders as orders
    inner join core.branches as branches
        on branches.branch_id = orders.branch_id
    where orders.ordered_at >= dateadd(day, -88, date_trunc('day', getdate()))
    group by
        branches.branch_name,
        orders.branch_id,
        date_trunc('day', orders.ordered_at)
),

weeks as (
    select 0 as days
    union all select 7
    union all select 14
    union all select 21
    union all select 28
),

-- Each day is here five times, as itself and before four others: the sales are read once.
compared as (
    select
        sales.branch_id,
        sales.cafe,
        dateadd(day, weeks.days, sales.day) as day,
        sum(case when weeks.days = 0 then sales.revenue end) as revenue,
        cast(sum(case when weeks.days > 0 then sales.revenue end) as double precision) / nullif(count(*) - 1, 0) as usual,
        count(*) - 1 as days_before
    from sales
    cross join weeks
    group by
        sales.branch_id,
        sales.cafe,
        dateadd(day, weeks.days, sales.day)
    having sum(case when weeks.days = 0 then 1 else 0 end) = 1
),

changes as (
    select
        compared.day,
        compared.cafe,
        compared.revenue,
        case when compared.days_before >= 3 and compared.usual > 0 then compared.revenue / compared.usual - 1 end as change
    from compared
),

places as (
    select
        changes.day,
        changes.cafe,
        changes.revenue,
        changes.change,
        row_number() over (
            partition by changes.day
            order by case when changes.change is null then 1 else 0 end, changes.change desc, changes.cafe
        ) as best_place,
        row_number() over (
            partition by changes.day
            order by case when changes.change is null then 1 else 0 end, changes.change, changes.cafe
        ) as worst_place
    from changes
),

texts as (
    select
        places.day,
        places.cafe,
        places.revenue,
        places.change,
        places.best_place,
        places.worst_place,
        '£' || trim(to_char(places.revenue, '999,999,990.00')) || ', ' || case
            when abs(places.change) < 0.0005 then 'as much as'
            when places.change > 0 then trim(to_char(100 * places.change, '999,990.0')) || '% above'
            else trim(to_char(-100 * places.change, '999,990.0')) || '% below'
        end as result
    from places
),

days as (
    select
        texts.day,
        trim(to_char(texts.day, 'Day')) as weekday,
        count(*) as cafes,
        count(texts.change) as cafes_compared,
        sum(texts.revenue) as revenue,
        max(case when texts.best_place = 1 and texts.change is not null then texts.cafe end) as best_cafe,
        max(case when texts.best_place = 1 then texts.change end) as best_change,
        max(case when texts.best_place = 1 then texts.result end) as best_result,
        max(case when texts.worst_place = 1 and texts.change is not null then texts.cafe end) as worst_cafe,
        max(case when texts.worst_place = 1 then texts.change end) as worst_change,
        max(case when texts.worst_place = 1 then texts.result end) as worst_result
    from texts
    group by texts.day
)

select
    days.day,
    days.cafes,
    days.cafes_compared,
    days.revenue,
    days.best_cafe,
    days.best_change,
    days.worst_cafe,
    days.worst_change,
    days.weekday || ' ' || cast(extract(day from days.day) as varchar) || ' ' || trim(to_char(days.day, 'Month')) || case
        when days.cafes_compared > 1
            then ': ' || days.best_cafe || ' did best, with ' || days.best_result || ' its usual ' || days.weekday || '. '
                || days.worst_cafe || ' did worst, with ' || days.worst_result || '.'
        when days.cafes_compared = 1
            then ': ' || days.best_cafe || ' sold for ' || days.best_result || ' its usual ' || days.weekday || '.'
        else ': ' || cast(days.cafes as varchar) || case days.cafes when 1 then ' café' else ' cafés' end || ' sold for £'
            || trim(to_char(days.revenue, '999,999,990.00')) || '. No café has sold on three of the four '
            || days.weekday || 's before, so none can be compared.'
    end as sentence
from days
where days.day > dateadd(day, -60, date_trunc('day', getdate()))
    and days.day <= date_trunc('day', getdate());
