-- The ledger's rows of a file: every version and re-extract, newest first. Read by `cafe trace`.
-- Grain: one row per file version and re-extract. Amounts in pounds, times in UTC.
-- :file is a file id, a key, or the end of a key.
{entries}
where f.source_key in (
    select named.source_key
    from ops.files as named
    where named.file_id = cast(:file as varchar(1024))
        or right(named.source_key, length(cast(:file as varchar(1024)))) = cast(:file as varchar(1024))
)
order by
    f.version_order desc,
    f.recorded_at desc
