-- The role of dashboards and analysts. Run outside a transaction: Redshift's guide does not say whether it may run inside.
create role mart_reader;
