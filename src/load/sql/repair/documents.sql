-- Fill the documents of the ledger again from the keys.
update ops.files
set document = case
    when left(source_key, 12) = 'head-office/' then substring(source_key, 13)
    else source_key
end;
