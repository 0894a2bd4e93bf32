-- Terminate another session: its transaction is rolled back and its locks are released.
select pg_terminate_backend(%s);
