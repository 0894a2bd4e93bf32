-- Files whose lines of each kind do not add up to the lines counted from the bytes.
-- Returns no row if all is well.
select
    file_id,
    source_key,
    lines_in,
    order_lines + continuation_lines + header_lines + blank_lines + rejected_lines as lines_accounted
from ops.files
where lines_in <> order_lines + continuation_lines + header_lines + blank_lines + rejected_lines;
