-- The schemas, and what every load and every migration locks first.
--
-- ops.load_mutex   no rows; nothing reads it, so that readers never wait for a load
-- ops.schema_migrations   one row a migration that was applied
-- ops.marts   what the views in schema mart were created from (0008_marts_by_name); no row if there are none

create schema if not exists core;

create schema if not exists ops;

create table if not exists ops.load_mutex (
    holder varchar(32)
)
diststyle all;

create table if not exists ops.schema_migrations (
    version integer not null,
    name varchar(100) not null,
    applied_at timestamp not null default sysdate
)
diststyle all;

create table if not exists ops.marts (
    revision varchar(32) not null,
    made_at timestamp not null default sysdate
)
diststyle all;
