-- What a transaction of load's does may take longer than its wait for the mutex did. Below the function's own 120 s.
set local statement_timeout to 90000;
