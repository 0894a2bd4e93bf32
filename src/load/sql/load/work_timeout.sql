-- The statements of a load may take longer than its wait for the mutex. Below the function's own limit of 120 s.
set local statement_timeout to 90000;
