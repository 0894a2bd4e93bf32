-- What COPY brought of order items, dimensions and rejects in all.
select
    (select count(*) from stage_order_items) as order_items,
    (select count(*) from stage_rejects) as rejects;
