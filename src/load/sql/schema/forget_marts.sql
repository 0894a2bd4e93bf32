-- Forget all marts: they were dropped.
delete from ops.marts;
