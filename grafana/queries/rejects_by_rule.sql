-- Rows refused in the period, by rule.
select
    rejects.rule,
    sum(rejects.rejects) as rejects
from mart.reject_summary as rejects
where $__timeFilter(rejects.recorded_at)
group by rejects.rule
order by
    sum(rejects.rejects) desc,
    rejects.rule
