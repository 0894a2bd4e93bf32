-- The refused rows of the files that this transaction completes.
insert into ops.rejects (file_id, line_number, stage, rule, detail)
select
    staged.file_id,
    staged.line_number,
    staged.stage,
    staged.rule,
    staged.detail
from stage_rejects as staged;
