-- Sessions that hold the mutex in a transaction older than the given number of seconds.
select transactions.pid
from svv_transactions as transactions
inner join pg_class as tables
    on tables.oid = transactions.relation
    and tables.relname = 'load_mutex'
where transactions.granted
    and datediff(second, transactions.txn_start, getdate()) > %s;
