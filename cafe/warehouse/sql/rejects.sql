-- Rejected rows by their line number, and files that were rejected as a whole or are held (no line). Read by `cafe rejects`.
-- Grain: one row per rejected row or file, only of each file's newest version.
-- :file is a file id, a part of a key, or * for every file. At most :most rows, newest files first.
with newest_versions as (
    select
        f.file_id,
        f.source_key,
        f.outcome,
        f.reason,
        f.detail,
        f.recorded_at,
        row_number() over (
            partition by f.source_bucket, f.source_key
            order by f.version_order desc, f.recorded_at desc
        ) as age
    from ops.files as f
),

chosen_files as (
    select
        v.file_id,
        v.source_key,
        v.outcome,
        v.reason,
        v.detail,
        v.recorded_at
    from newest_versions as v
    where
        v.file_id = cast(:file as varchar(1024))
        or (
            v.age = 1
            and (
                cast(:file as varchar(1024)) = '*'
                or strpos(v.source_key, cast(:file as varchar(1024))) > 0
            )
        )
),

all_rejects as (
    select
        a.source_key,
        a.file_id,
        a.recorded_at,
        cast(null as bigint) as line_number,
        cast('file' as varchar(16)) as stage,
        a.reason as rule,
        a.detail
    from chosen_files as a
    where a.outcome in ('rejected', 'failed', 'held')
    union all
    select
        a.source_key,
        a.file_id,
        a.recorded_at,
        r.line_number,
        r.stage,
        r.rule,
        r.detail
    from chosen_files as a
    inner join ops.rejects as r
        on a.file_id = r.file_id
),

numbered as (
    select
        e.source_key,
        e.file_id,
        e.line_number,
        e.stage,
        e.rule,
        e.detail,
        row_number() over (
            order by e.recorded_at desc, e.source_key asc, e.file_id asc, e.line_number asc
        ) as place
    from all_rejects as e
)

select
    n.source_key,
    n.file_id,
    n.line_number,
    n.stage,
    n.rule,
    n.detail
from numbered as n
where n.place <= cast(:most as integer)
order by n.place
