-- Files that come too late: a newer version of the key that states an order is known already. Versions are ordered by
-- when S3 wrote them, never by when they arrived.
update stage_files
set outcome = 'superseded'
where outcome = 'loaded'
    and file_id in (
        select older.file_id
        from stage_files as older
        inner join (
            select
                source_bucket,
                source_key,
                version_order
            from ops.files
            where outcome in ('loaded', 'superseded', 'retracted')
                and rows_in > rows_rejected

            union all

            select
                source_bucket,
                source_key,
                version_order
            from stage_files
            where outcome = 'loaded'
                and rows_accepted > 0
        ) as newer
            on newer.source_bucket = older.source_bucket
            and newer.source_key = older.source_key
            and newer.version_order > older.version_order
    );
