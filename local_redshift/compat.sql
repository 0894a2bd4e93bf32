-- What Redshift has and PostgreSQL lacks, in the system schema, so that every session finds it with any search_path.
-- The superuser runs it as one transaction on every database that the endpoint serves; a second run changes nothing.

grant create on schema public to public;

-- Functions whose namesake in pg_catalog behaves differently; the rewritten SQL names this schema.
create schema if not exists pg_redshift;
grant usage on schema pg_redshift to public;

-- The checks of `dialect/tables.py` call this for a text that has too many bytes, to fail with Redshift's message.
-- Not immutable, or PostgreSQL would call it while planning.
create or replace function pg_redshift.too_long(type_name text) returns boolean
language plpgsql stable as $$
begin
    raise exception using errcode = '22001', message = 'value too long for type ' || type_name;
end $$;

-- Time -----------------------------------------------------------------------------------------------------------------

-- The start of the statement, in seconds.
create or replace function pg_catalog.getdate() returns timestamp
language sql stable as $$
    select date_trunc('second', statement_timestamp() at time zone 'UTC')
$$;

-- The start of the transaction, in microseconds.
create or replace function pg_catalog.sysdate() returns timestamp
language sql stable as $$
    select now() at time zone 'UTC'
$$;

create or replace function pg_redshift.date_interval(part text, amount bigint) returns interval
language sql immutable as $$
    select case part
        when 'millennium' then make_interval(years => (1000 * amount)::integer)
        when 'century' then make_interval(years => (100 * amount)::integer)
        when 'decade' then make_interval(years => (10 * amount)::integer)
        when 'year' then make_interval(years => amount::integer)
        when 'quarter' then make_interval(months => (3 * amount)::integer)
        when 'month' then make_interval(months => amount::integer)
        when 'week' then make_interval(weeks => amount::integer)
        when 'day' then make_interval(days => amount::integer)
        when 'hour' then amount * interval '1 hour'
        when 'minute' then amount * interval '1 minute'
        when 'second' then amount * interval '1 second'
        when 'milliseconds' then amount * interval '1 millisecond'
        when 'microseconds' then amount * interval '1 microsecond'
    end
$$;

create or replace function pg_catalog.dateadd(part text, amount bigint, moment timestamp) returns timestamp
language sql immutable as $$
    select moment + pg_redshift.date_interval(part, amount)
$$;

create or replace function pg_catalog.dateadd(part text, amount bigint, moment date) returns timestamp
language sql immutable as $$
    select moment::timestamp + pg_redshift.date_interval(part, amount)
$$;

create or replace function pg_catalog.dateadd(part text, amount bigint, moment timestamptz) returns timestamptz
language sql stable as $$
    select moment + pg_redshift.date_interval(part, amount)
$$;

-- The number of boundaries of a date part between two moments.
create or replace function pg_catalog.datediff(part text, started timestamp, ended timestamp) returns bigint
language sql immutable as $$
    select case
        when part in ('millennium', 'century', 'decade', 'year') then
            (extract(year from date_trunc(part, ended)) - extract(year from date_trunc(part, started)))
            / case part when 'millennium' then 1000 when 'century' then 100 when 'decade' then 10 else 1 end
        when part in ('quarter', 'month') then
            (
                12 * (extract(year from ended) - extract(year from started))
                + extract(month from date_trunc(part, ended)) - extract(month from date_trunc(part, started))
            ) / case part when 'quarter' then 3 else 1 end
        else
            round(
                extract(epoch from date_trunc(part, ended) - date_trunc(part, started))
                / extract(epoch from pg_redshift.date_interval(part, 1))
            )
    end::bigint
$$;

create or replace function pg_catalog.datediff(part text, started date, ended date) returns bigint
language sql immutable as $$
    select datediff(part, started::timestamp, ended::timestamp)
$$;

create or replace function pg_catalog.datediff(part text, started timestamptz, ended timestamptz) returns bigint
language sql immutable as $$
    select datediff(part, started at time zone 'UTC', ended at time zone 'UTC')
$$;

-- PostgreSQL's returns a timestamp with time zone for a date.
create or replace function pg_catalog.date_trunc(part text, moment date) returns timestamp
language sql immutable as $$
    select date_trunc(part, moment::timestamp)
$$;

create or replace function pg_redshift.date_part(part text, moment timestamp) returns integer
language sql immutable as $$
    select floor(date_part(part, moment))::integer
$$;

create or replace function pg_redshift.date_part(part text, moment date) returns integer
language sql immutable as $$
    select floor(date_part(part, moment))::integer
$$;

create or replace function pg_redshift.date_part(part text, moment timestamptz) returns integer
language sql stable as $$
    select floor(date_part(part, moment))::integer
$$;

create or replace function pg_redshift.date_part(part text, span interval) returns integer
language sql immutable as $$
    select floor(date_part(part, span))::integer
$$;

create or replace function pg_catalog.date_part_year(moment date) returns integer
language sql immutable as $$
    select date_part('year', moment)::integer
$$;

create or replace function pg_catalog.trunc(moment timestamp) returns date
language sql immutable as $$
    select moment::date
$$;

create or replace function pg_catalog.last_day(moment timestamp) returns date
language sql immutable as $$
    select (date_trunc('month', moment) + interval '1 month' - interval '1 day')::date
$$;

-- The last day of a month stays the last day.
create or replace function pg_catalog.add_months(moment timestamp, months integer) returns timestamp
language sql immutable as $$
    select case
        when moment::date = last_day(moment)
            then last_day(date_trunc('month', moment) + make_interval(months => months)) + moment::time
        else moment + make_interval(months => months)
    end
$$;

create or replace function pg_catalog.convert_timezone(source text, target text, moment timestamp) returns timestamp
language sql immutable as $$
    select moment at time zone source at time zone target
$$;

create or replace function pg_catalog.convert_timezone(target text, moment timestamp) returns timestamp
language sql immutable as $$
    select moment at time zone 'UTC' at time zone target
$$;

-- Numbers and text ------------------------------------------------------------------------------------------------------

create or replace function pg_catalog.round(number double precision, places integer) returns double precision
language sql immutable as $$
    select round(number::numeric, places)::double precision
$$;

-- Letters of other alphabets have two cases too. The databases here are sorted by bytes, and know those of ASCII only.
create or replace function pg_redshift.lower(message text) returns text
language sql immutable parallel safe as $$
    select pg_catalog.lower(message collate "pg_c_utf8") collate "default"
$$;

create or replace function pg_redshift.upper(message text) returns text
language sql immutable parallel safe as $$
    select pg_catalog.upper(message collate "pg_c_utf8") collate "default"
$$;

create or replace function pg_redshift.initcap(message text) returns text
language sql immutable parallel safe as $$
    select pg_catalog.initcap(message collate "pg_c_utf8") collate "default"
$$;

create or replace function pg_catalog.sha2(message text, bits integer) returns text
language sql immutable as $$
    select encode(
        case
            when bits = 224 then sha224(convert_to(message, 'UTF8'))
            when bits in (0, 256) then sha256(convert_to(message, 'UTF8'))
            when bits = 384 then sha384(convert_to(message, 'UTF8'))
            when bits = 512 then sha512(convert_to(message, 'UTF8'))
        end,
        'hex'
    )
$$;

create or replace function pg_catalog.strtol(digits text, base integer) returns bigint
language plpgsql immutable strict as $$
declare
    total bigint := 0;
    place integer;
begin
    for place in 1 .. length(digits) loop
        total := total * base + strpos('0123456789abcdefghijklmnopqrstuvwxyz', lower(substr(digits, place, 1))) - 1;
    end loop;
    return total;
end $$;

-- AVG of whole numbers is a whole number.
create or replace function pg_redshift.add_to_average(state bigint[], number bigint) returns bigint[]
language sql immutable strict as $$
    select array[state[1] + 1, state[2] + number]
$$;

create or replace function pg_redshift.whole_average(state bigint[]) returns bigint
language sql immutable as $$
    select state[2] / nullif(state[1], 0)
$$;

create or replace aggregate pg_redshift.avg(smallint) (
    sfunc = int2_avg_accum, stype = bigint[], initcond = '{0,0}', finalfunc = pg_redshift.whole_average
);

create or replace aggregate pg_redshift.avg(integer) (
    sfunc = int4_avg_accum, stype = bigint[], initcond = '{0,0}', finalfunc = pg_redshift.whole_average
);

create or replace aggregate pg_redshift.avg(bigint) (
    sfunc = pg_redshift.add_to_average, stype = bigint[], initcond = '{0,0}', finalfunc = pg_redshift.whole_average
);

-- AVG of DECIMAL has the scale of its argument, and SUM has too.
create or replace function pg_redshift.add_to_average(state numeric[], number numeric) returns numeric[]
language sql immutable strict as $$
    select array[state[1] + 1, state[2] + number]
$$;

create or replace function pg_redshift.decimal_average(state numeric[]) returns numeric
language sql immutable as $$
    select trunc(state[2] / nullif(state[1], 0), scale(state[2]))
$$;

create or replace aggregate pg_redshift.avg(numeric) (
    sfunc = pg_redshift.add_to_average,
    stype = numeric[],
    initcond = '{0,0}',
    finalfunc = pg_redshift.decimal_average
);

create or replace aggregate pg_redshift.avg(real) (
    sfunc = float4_accum, stype = double precision[], initcond = '{0,0,0}', finalfunc = float8_avg
);

create or replace aggregate pg_redshift.avg(double precision) (
    sfunc = float8_accum, stype = double precision[], initcond = '{0,0,0}', finalfunc = float8_avg
);

-- DECIMAL * and / -------------------------------------------------------------------------------------------------------

create or replace function pg_redshift.exact_product(numeric, numeric) returns numeric
language internal immutable strict parallel safe as 'numeric_mul';

create or replace function pg_redshift.exact_quotient(numeric, numeric) returns numeric
language internal immutable strict parallel safe as 'numeric_div';

-- A DECIMAL has at most 38 digits. Most numbers are too small to need this look at them.
create or replace function pg_redshift.fit_into_decimal(number numeric) returns numeric
language plpgsql immutable strict parallel safe as $$
begin
    if length(number::text) > 38 and length(translate(number::text, '-.', '')) > 38 then
        raise exception using errcode = '22003', message = 'Numeric data overflow (multiplication)';
    end if;
    return number;
end $$;

create or replace function pg_redshift.product(numeric, numeric) returns numeric
language sql immutable parallel safe as $$
    select case
        when $1 between -1e9 and 1e9 and $2 between -1e9 and 1e9 and scale($1) + scale($2) <= 20
            then pg_redshift.exact_product($1, $2)
        else pg_redshift.fit_into_decimal(pg_redshift.exact_product($1, $2))
    end
$$;

-- A whole number has at most 19 digits and no scale, so only the other number needs that look. Both orders, for each kind
-- of whole number: PostgreSQL finds no operator for a kind between two that fit equally well.
do $do$
declare
    kind text;
    pair text[];
begin
    foreach kind in array array['smallint', 'integer', 'bigint'] loop
        execute format($function$
            create or replace function pg_redshift.product(numeric, %1$s) returns numeric
            language sql immutable parallel safe as $$
                select case
                    when $1 between -1e9 and 1e9 and scale($1) <= 9 then pg_redshift.exact_product($1, $2::numeric)
                    else pg_redshift.fit_into_decimal(pg_redshift.exact_product($1, $2::numeric))
                end
            $$;

            create or replace function pg_redshift.product(%1$s, numeric) returns numeric
            language sql immutable parallel safe as $$
                select pg_redshift.product($2, $1)
            $$;
        $function$, kind);
        foreach pair slice 1 in array array[['numeric', kind], [kind, 'numeric']] loop
            if to_regoperator(format('pg_catalog.*(%s, %s)', variadic pair)) is null then
                execute format(
                    'create operator pg_catalog.* (function = pg_redshift.product, leftarg = %s, rightarg = %s)',
                    variadic pair
                );
            end if;
        end loop;
    end loop;
end $do$;

-- The scale of a quotient is the greater of 4 and s1 + p2 - s2 + 1, less where the precision would exceed 38. A function
-- sees no precision, so it keeps the four decimals that every quotient has: no query may rely on more.
create or replace function pg_redshift.quotient(numeric, numeric) returns numeric
language sql immutable parallel safe as $$
    select trunc(pg_redshift.exact_quotient($1, $2), 4)
$$;

update pg_catalog.pg_operator set oprcode = 'pg_redshift.product(numeric, numeric)'::regprocedure
where oid = 'pg_catalog.*(numeric, numeric)'::regoperator;

update pg_catalog.pg_operator set oprcode = 'pg_redshift.quotient(numeric, numeric)'::regprocedure
where oid = 'pg_catalog./(numeric, numeric)'::regoperator;

-- Casts -----------------------------------------------------------------------------------------------------------------

-- BOOLEAN is not cast to text. PostgreSQL calls this while planning, so that a query without rows fails too.
create or replace function pg_redshift.refuse_cast() returns text
language plpgsql immutable as $$
begin
    raise exception using errcode = '42846', message = 'cannot cast type boolean to character varying';
end $$;

create or replace function pg_redshift.boolean_as_text(boolean) returns text
language sql immutable as $$
    select pg_redshift.refuse_cast()
$$;

update pg_catalog.pg_cast set castfunc = 'pg_redshift.boolean_as_text(boolean)'::regprocedure
where castsource = 'boolean'::regtype and casttarget in ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype);

-- Declared keys ---------------------------------------------------------------------------------------------------------

-- What `dialect/tables.py` writes for a primary, unique or foreign key: a check that is not enforced. `refers_to` is null
-- for the table itself; without `referred`, a foreign key refers to the primary key.
create or replace function pg_redshift.declared(kind text, refers_to regclass, referred name[]) returns boolean
language sql immutable as $$
    select true
$$;

-- One row a declared key, of every table.
create or replace view pg_redshift.declared_keys as
select
    checks.conrelid as table_id,
    checks.conname as name,
    parts.found[1] as kind,
    array(
        select attributes.attname::text
        from pg_catalog.pg_attribute as attributes
        where attributes.attrelid = checks.conrelid and attributes.attnum = any (checks.conkey)
    ) as columns,
    case
        when parts.found[2] = 'NULL' then checks.conrelid
        else replace(trim(both $$'$$ from parts.found[2]), $$''$$, $$'$$)::regclass::oid
    end as refers_to,
    array(select quoted[1] from regexp_matches(parts.found[3], $$'([^']+)'$$, 'g') as quoted) as referred
from pg_catalog.pg_constraint as checks
cross join lateral regexp_match(
    pg_get_expr(checks.conbin, checks.conrelid),
    $$pg_redshift\.declared\('([A-Z ]+)'::text, (NULL|'(?:[^']|'')+')::regclass, ARRAY\[(.*?)\](?:::name\[\])?\)$$
) as parts (found)
where checks.contype = 'c' and not checks.conenforced and parts.found is not null;

grant select on pg_redshift.declared_keys to public;

-- What the rules of `dialect/declared_keys.py` need of the tables with these names. A view's name gives no row.
create or replace function pg_redshift.declared_tables(names text[]) returns json
language sql stable as $$
    select json_agg(json_build_object(
        'name', names.name,
        'number', tables.oid::bigint,
        'columns', array(
            select attname::text from pg_attribute where attrelid = tables.oid and attnum > 0 and not attisdropped
        ),
        'not_null', array(select attname::text from pg_attribute where attrelid = tables.oid and attnotnull),
        'keys', (
            select json_agg(json_build_object(
                'kind', keys.kind,
                'columns', keys.columns,
                'refers_to', keys.refers_to::bigint,
                'referred', case
                    when keys.referred <> '{}' then keys.referred
                    else (
                        select others.columns
                        from pg_redshift.declared_keys as others
                        where others.table_id = keys.refers_to and others.kind = 'PRIMARY KEY'
                    )
                end
            ))
            from pg_redshift.declared_keys as keys
            where keys.table_id = tables.oid
        )
    ))
    from unnest(names) as names (name)
    inner join pg_class as tables on tables.oid = to_regclass(names.name) and tables.relkind in ('r', 'p')
$$;

-- Redshift lists declared keys here. PostgreSQL's own view has more: its constraints are enforced.
create or replace view information_schema.table_constraints as
select
    current_database()::information_schema.sql_identifier as constraint_catalog,
    schemas.nspname::information_schema.sql_identifier as constraint_schema,
    keys.name::information_schema.sql_identifier as constraint_name,
    current_database()::information_schema.sql_identifier as table_catalog,
    schemas.nspname::information_schema.sql_identifier as table_schema,
    tables.relname::information_schema.sql_identifier as table_name,
    keys.kind::information_schema.character_data as constraint_type,
    'NO'::information_schema.yes_or_no as is_deferrable,
    'NO'::information_schema.yes_or_no as initially_deferred,
    'NO'::information_schema.yes_or_no as enforced,
    null::information_schema.yes_or_no as nulls_distinct
from pg_redshift.declared_keys as keys
inner join pg_catalog.pg_class as tables on tables.oid = keys.table_id
inner join pg_catalog.pg_namespace as schemas on schemas.oid = tables.relnamespace;

-- Permissions -----------------------------------------------------------------------------------------------------------

-- A view is read with its owner's rights on the tables, and yet its reader may need USAGE on their schemas.
create or replace function pg_redshift.check_usage(names text[]) returns void
language plpgsql stable as $$
declare
    missing text;
begin
    with recursive read (relation) as (
        select to_regclass(name)::oid from unnest(names) as name
        union
        select depends.refobjid
        from read
        inner join pg_rewrite as rules on rules.ev_class = read.relation
        inner join pg_depend as depends
            on depends.classid = 'pg_rewrite'::regclass
            and depends.objid = rules.oid
            and depends.refclassid = 'pg_class'::regclass
    )
    select schemas.nspname into missing
    from read
    inner join pg_class as relations on relations.oid = read.relation
    inner join pg_namespace as schemas on schemas.oid = relations.relnamespace
    where not has_schema_privilege(schemas.oid, 'USAGE')
    order by schemas.nspname
    limit 1;
    if found then
        raise exception using errcode = '42501', message = 'permission denied for schema ' || missing;
    end if;
end $$;

-- Loads -----------------------------------------------------------------------------------------------------------------

-- Lines that COPY did not load. Unlike Redshift's tables it holds no raw line and no raw field: a row may hold
-- personal data, and nobody cleans this table.
create table if not exists pg_redshift.load_errors (
    query_id bigint not null,
    session_id integer not null,
    database_name text not null,
    table_name text not null,
    start_time timestamp not null,
    file_name text not null,
    line_number bigint not null,
    column_name text not null,
    error_code integer not null,
    error_message text not null
);

create or replace view pg_catalog.sys_load_error_detail as
select
    query_id,
    session_id,
    database_name,
    to_regclass(table_name)::oid::bigint as table_id,
    start_time,
    file_name,
    line_number,
    column_name,
    error_code,
    error_message
from pg_redshift.load_errors;

-- One writer a table ----------------------------------------------------------------------------------------------------

-- On Redshift, who writes a table waits until no other transaction is open that has written it. PostgreSQL lets several
-- write different rows. A lock of the transaction, which no reader meets, makes them wait here too.
create or replace function pg_redshift.write_alone() returns trigger
language plpgsql set search_path = pg_catalog as $$
begin
    perform pg_advisory_xact_lock(tg_relid::bigint);
    return null;
end
$$;

create or replace function pg_redshift.let_one_write(written regclass) returns void
language plpgsql as $$
begin
    execute format(
        'create or replace trigger write_alone before insert or update or delete on %s'
        ' for each statement execute function pg_redshift.write_alone()',
        written
    );
end
$$;

create or replace function pg_redshift.let_one_write_new_tables() returns event_trigger
language plpgsql security definer as $$
begin
    perform pg_redshift.let_one_write(made.objid)
    from pg_event_trigger_ddl_commands() as made
    join pg_catalog.pg_class as tables on tables.oid = made.objid
    where tables.relkind = 'r' and tables.relpersistence = 'p';
end
$$;

drop event trigger if exists let_one_write;
create event trigger let_one_write on ddl_command_end
when tag in ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO')
execute function pg_redshift.let_one_write_new_tables();

-- The tables of a warehouse that an endpoint without this lock has filled.
do $$
begin
    perform pg_redshift.let_one_write(tables.oid)
    from pg_catalog.pg_class as tables
    where
        tables.relkind = 'r'
        and tables.relpersistence = 'p'
        and tables.relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
        and tables.relnamespace <> 'pg_redshift'::regnamespace
        and not exists (
            select from pg_catalog.pg_trigger where tgrelid = tables.oid and tgname = 'write_alone'
        );
end
$$;

-- System views ----------------------------------------------------------------------------------------------------------

create or replace view pg_catalog.svv_transactions as
select
    activity.usename::text as txn_owner,
    activity.datname::text as txn_db,
    coalesce(activity.backend_xid::text::bigint, 0) as xid,
    activity.pid,
    (activity.xact_start at time zone 'UTC') as txn_start,
    case locks.locktype when 'advisory' then 'ShareRowExclusiveLock' else locks.mode end as lock_mode,
    case locks.locktype when 'advisory' then 'relation' else locks.locktype end as lockable_object_type,
    -- Of `write_alone`, whose number is the table's.
    coalesce(locks.relation, locks.objid)::bigint as relation,
    locks.granted
from pg_catalog.pg_locks as locks
join pg_catalog.pg_stat_activity as activity on activity.pid = locks.pid
where locks.locktype in ('relation', 'transactionid', 'advisory') and activity.datname = current_database();

-- Nothing is billed here, so it is empty; the columns are Redshift's.
create or replace view pg_catalog.sys_serverless_usage as
select
    null::timestamp as start_time,
    null::timestamp as end_time,
    null::double precision as compute_seconds,
    null::double precision as compute_capacity,
    null::integer as data_storage,
    null::integer as cross_region_transferred_data,
    null::integer as charged_seconds
where false;

-- The endpoint sets the level at the start of each session.
create or replace view pg_catalog.stv_db_isolation_level as
select
    current_database()::character(128) as db_name,
    case current_setting('default_transaction_isolation')
        when 'serializable' then 'Serializable'
        else 'Snapshot Isolation'
    end::character(20) as isolation_level;

create or replace view pg_catalog.svv_roles as
select
    oid::bigint as role_id,
    rolname::text as role_name,
    null::text as role_owner
from pg_catalog.pg_roles
where not rolcanlogin and rolname not like 'pg\_%';

grant select on
    pg_redshift.load_errors,
    pg_catalog.sys_load_error_detail,
    pg_catalog.svv_transactions,
    pg_catalog.svv_roles,
    pg_catalog.stv_db_isolation_level,
    pg_catalog.sys_serverless_usage
to public;
