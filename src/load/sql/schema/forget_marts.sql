-- Forget the revision of the marts before.
delete from ops.marts;
