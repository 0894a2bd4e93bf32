-- What the warehouse has about the files of a batch: the parts that came before, the outcomes in the ledger, and which
-- files have rejects. A file that is not in the ledger has some only if somebody removed it from there.
-- Grain: one row a part, one row a file of the ledger, one row a file with rejects.
select
    'part' as known,
    recorded.file_id,
    recorded.plan_id,
    recorded.part,
    recorded.parts,
    recorded.message,
    '' as outcome
from ops.file_parts as recorded
where recorded.file_id in (%s)

union all

select
    'file' as known,
    ledger.file_id,
    ledger.plan_id,
    0 as part,
    0 as parts,
    '' as message,
    ledger.outcome
from ops.files as ledger
where ledger.file_id in (%s)

union all

select
    'rejects' as known,
    refused.file_id,
    '' as plan_id,
    0 as part,
    0 as parts,
    '' as message,
    '' as outcome
from ops.rejects as refused
where refused.file_id in (%s)
group by refused.file_id;
