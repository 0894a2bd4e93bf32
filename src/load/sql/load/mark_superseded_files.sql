-- Files that come too late: a newer version of the document, with orders that counted, is in the ledger already. Versions
-- are ordered by when S3 wrote them, never by when they arrived.
update stage_files
set outcome = 'superseded'
where outcome in ('loaded', 'held')
    and file_id in (
        select older.file_id
        from stage_files as older
        inner join ops.files as newer
            on newer.source_bucket = older.source_bucket
            and newer.document = older.document
            and newer.version_order > older.version_order
        where newer.outcome in ('loaded', 'retracted')
            and newer.rows_loaded + newer.rows_duplicate > 0
    );
