-- What a till took off an order, in pounds; 0 if nothing. The items less the discount are the total.
alter table core.orders add column discount decimal(10, 2) default 0 encode az64 not null;
