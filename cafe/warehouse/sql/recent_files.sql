-- The ledger's rows since a moment. Read by `cafe status`.
-- Grain: one row per file version and re-extract, oldest first. Amounts in pounds, times in UTC.
{entries}
where f.recorded_at >= cast(:since as timestamp)
order by
    f.recorded_at,
    f.source_key
