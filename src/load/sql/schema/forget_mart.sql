-- Forget a mart that was dropped, or grants that are given again.
delete from ops.marts
where name = %s;
