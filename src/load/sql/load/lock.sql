-- The mutex, always the first statement of a transaction. A snapshot taken before it could miss what the last load
-- committed, and the same orders would be loaded twice. Nothing reads this table, so readers never wait.
lock ops.load_mutex;
