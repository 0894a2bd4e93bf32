-- The files that wait for a person's decision. Read by `cafe status`, `cafe approve` and `cafe cafes add`.
-- Grain: one row per file version and re-extract, the longest wait first. Amounts in pounds, times in UTC.
{entries}
where f.outcome = 'held'
order by
    f.recorded_at,
    f.source_key
