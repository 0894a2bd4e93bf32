-- The limit of every statement but the wait for the mutex. Each transaction that does not begin with LOCK begins with it.
-- Below the function's own limit of 300 s.
set local statement_timeout to 240000;
