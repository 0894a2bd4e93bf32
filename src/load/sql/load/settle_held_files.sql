-- Held files of which a newer version is loaded now: nobody needs to approve them any more.
update ops.files
set outcome = 'superseded',
    rows_superseded = rows_in - rows_rejected,
    amount_superseded = amount_accepted
where outcome = 'held'
    and file_id in (
        select older.file_id
        from ops.files as older
        inner join stage_files as newer
            on newer.source_bucket = older.source_bucket
            and newer.document = older.document
            and newer.version_order > older.version_order
        where newer.outcome = 'loaded'
            and newer.rows_accepted > 0
    );
