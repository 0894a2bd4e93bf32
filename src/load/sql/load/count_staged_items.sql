-- How many order items and rejects COPY brought in total. Grain: one row.
select
    (select count(*) from stage_order_items) as order_items,
    (select count(*) from stage_rejects) as rejects;
