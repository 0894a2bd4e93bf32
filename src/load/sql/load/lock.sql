-- The mutex, always the first statement of a transaction: a snapshot taken before it could miss what the last load
-- committed, and load it twice. Nothing reads this table, so readers never wait.
lock ops.load_mutex;
