-- End another session; its transaction is rolled back and its locks are free.
select pg_terminate_backend(%s);
