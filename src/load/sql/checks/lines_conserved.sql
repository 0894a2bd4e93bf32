-- Files whose lines do not add up: those of each kind against the count taken from the bytes. Empty is right.
select
    file_id,
    source_key,
    lines_in,
    order_lines + continuation_lines + header_lines + blank_lines + rejected_lines as lines_accounted
from ops.files
where lines_in <> order_lines + continuation_lines + header_lines + blank_lines + rejected_lines;
