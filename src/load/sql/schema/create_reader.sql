-- The role of dashboards and analysts.
create role mart_reader;
